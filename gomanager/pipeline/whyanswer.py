"""The answer to why, as values."""

from msgspec import Struct

from gomanager.pipeline.whatfor import Target
from gomanager.selection.scope import Proved, Reason, SelectedPackage

SELECTED, UNCHANGED, PROVED, ELSEWHERE = "selected", "unchanged", "proved", "not_in_phase"


class PhaseAnswer(Struct, frozen=True, kw_only=True):
    """One phase's answer; ``packages`` are those that a file or a phase stands for."""

    name: str
    answer: str
    text: str
    configuration: str = ""
    reasons: tuple[Reason, ...] = ()
    proof: Proved | None = None
    packages: tuple[SelectedPackage, ...] = ()


class Why(Struct, frozen=True, kw_only=True):
    """The whole answer; ``text`` says what holds for all phases."""

    target: Target
    phases: tuple[PhaseAnswer, ...]
    text: str = ""
    supposed: bool = False
    """The file has not changed: the answers are those that a change of it would get."""

    @property
    def selected(self) -> bool:
        """Whether any phase runs it."""
        return any(one.answer == SELECTED for one in self.phases)
