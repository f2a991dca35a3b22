"""One line of ``gomanager doctor``."""

from typing import Literal

import msgspec

State = Literal["ok", "warn", "fail"]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """``fix`` is a command, or what to do in one sentence."""

    name: str
    state: State
    text: str
    fix: str | None = None


def ok(name: str, text: str) -> Check:
    """Nothing to do."""
    return Check(name=name, state="ok", text=text)


def warn(name: str, text: str, fix: str | None = None) -> Check:
    """gomanager works, and something is lost."""
    return Check(name=name, state="warn", text=text, fix=fix)


def fail(name: str, text: str, fix: str | None = None) -> Check:
    """gomanager cannot do its work here."""
    return Check(name=name, state="fail", text=text, fix=fix)
