"""A package of a phase under analysis, and how to start it again."""

from collections.abc import Iterable

from gomanager.analysis import reproduce
from gomanager.analysis.finding import Context, Finding
from gomanager.results import PackageAttempt, PackageResult, PhaseResult, Severity
from gomanager.text import cut_line, one_line

_TITLE = 300
_NAMES = 10
_NAMED = 50
"""More names than these make no line that one wants to paste: then the whole package."""


class Place:
    """A package of a phase, and how to start it again."""

    __slots__ = ("context", "how", "package", "phase")

    def __init__(self, phase: PhaseResult, package: PackageResult, context: Context) -> None:
        self.phase = phase
        self.package = package
        self.context = context
        self.how = reproduce.reproduction(context, phase, package)

    def line(
        self,
        *names: str,
        only_build: bool = False,
        count: int = 1,
        seed: int | None = None,
        more: Iterable[str] = (),
    ) -> str | None:
        """The command for cases of the package, or for all of it; none where `go test` has none."""
        path = self.package.path
        foreign = self.phase.runner == "stream" and not reproduce.possible(path, names)
        if foreign or path in self.context.nameless:
            return None
        return reproduce.line(
            self.how,
            path,
            names=names if len(names) <= _NAMED else (),
            only_build=only_build,
            count=count,
            seed=seed,
            more=more,
        )

    def finding(self, severity: Severity, kind: str, title: str, **more: object) -> Finding:
        """A finding of this package."""
        return Finding(
            severity=severity,
            kind=kind,
            title=cut_line(one_line(title), _TITLE),
            phase=self.phase.name,
            package=self.package.path,
            **more,  # type: ignore[arg-type]
        )

    @property
    def deciding(self) -> PackageAttempt:
        """The attempt that the package's result comes from."""
        result = self.package.result
        attempts = self.package.attempts
        return next((a for a in attempts if a.result is result), attempts[0])


def names(found: Iterable[str]) -> str:
    """``A, B, C and 7 more``."""
    known = list(found)
    more = f" and {len(known) - _NAMES} more" if len(known) > _NAMES else ""
    return ", ".join(known[:_NAMES]) + more
