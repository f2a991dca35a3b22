"""The formats by name: each turns a report into text, and each is loaded when it is called."""

from collections.abc import Callable
from importlib import import_module

from gomanager.report.model import Report

Render = Callable[[Report], str]


def _late(module: str, function: str = "render") -> Render:
    """A function of a module here, imported with its libraries at the first call."""

    def render(report: Report) -> str:
        text = getattr(import_module(f"gomanager.report.{module}"), function)(report)
        assert isinstance(text, str)
        return text

    return render


FORMATS: dict[str, Render] = {
    "terminal": _late("terminal"),
    "markdown": _late("markdown"),
    "json": _late("document"),
    "junit": _late("junit"),
    "junit-strict": _late("junit", "strict"),
    "junit-relative": _late("junit", "relative"),
    "junit-trunk": _late("junit", "trunk"),
    "yaml": _late("yaml"),
}
