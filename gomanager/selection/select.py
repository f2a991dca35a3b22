"""The Scope: which packages of which phases a change calls for, and why. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct, field

from gomanager.git.change import Changes
from gomanager.golang.constraints import Configuration
from gomanager.inventory import PackageTests
from gomanager.note import Note, Severity
from gomanager.partition import Share, partition
from gomanager.phases import Phase
from gomanager.selection.calls import Call, call
from gomanager.selection.evidence import Evidence, gather
from gomanager.selection.globs import matcher
from gomanager.selection.phasescope import phase_scope
from gomanager.selection.question import Inquiry
from gomanager.selection.scope import (
    Mode,
    PhaseScope,
    Reason,
    Scope,
    shown,
)
from gomanager.selection.world import World

SETTINGS = (".gomanager.yaml", ".gomanager/")


class Selected(Struct, frozen=True, kw_only=True):
    """The scope, and by phase name the tests of the packages it selected (for the partition)."""

    scope: Scope
    tests: Mapping[str, tuple[PackageTests, ...]]
    shares: tuple[Share, ...] = ()
    worlds: Mapping[str, World] = field(default_factory=dict)
    """By name of every phase: the tree in its configuration."""


def select(inquiry: Inquiry) -> Selected:
    """Answer for all phases; configurations that phases share are looked at once."""
    everything = _everything(inquiry)
    inert = matcher(inquiry.inert)
    evidence = _evidence(inquiry, inert, everything)
    unclaimed = () if everything else _unclaimed(inquiry, evidence.values())
    everything = everything or _all_for(unclaimed, inquiry)
    calls = [(phase, _call(inquiry, phase, evidence, everything)) for phase in _asked(inquiry)]
    return _answer(inquiry, evidence, calls, everything, unclaimed)


def _everything(inquiry: Inquiry) -> Reason | None:
    """What selects all before any path is looked at."""
    changes = inquiry.changes
    if inquiry.everything:
        return _all("all", "asked for by --all")
    if inquiry.unseen is not None:
        return _all(*inquiry.unseen)
    if changes.base is None:
        return _all("E6" if changes.head is None else "E7", changes.reason)
    settings = [c.path for c in changes.changes if c.path.startswith(SETTINGS)]
    if settings:
        return _all("E15", f"the settings of gomanager changed: {shown(settings[0])}")
    proven = inquiry.known.last_green is not None and inquiry.known.last_green == changes.head
    if changes.default and not changes.changes and not proven:
        return _all("E5", "default branch without changes, and no green run recorded for this code")
    return None


def _all(row: str, text: str) -> Reason:
    return Reason(id=row, path="", status="", chain=(), text=text)


def _all_for(unclaimed: tuple[str, ...], inquiry: Inquiry) -> Reason | None:
    if not unclaimed or inquiry.unclaimed == "none":
        return None
    more = f" and {len(unclaimed) - 1} more" if len(unclaimed) > 1 else ""
    return _all("C15", f"no rule says who reads {shown(unclaimed[0])}{more}")


def _evidence(
    inquiry: Inquiry, inert: Callable[[str], bool], everything: Reason | None
) -> dict[Configuration, Evidence]:
    found: dict[Configuration, Evidence] = {}
    changes = inquiry.changes.changes + inquiry.changes.unseen
    changes = () if inquiry.changes.base is None else changes
    for configuration in inquiry.configurations.values():
        if configuration in found:
            continue
        head = World(graph=inquiry.head, configuration=configuration)
        base = None
        if inquiry.base is not None:
            base = World(graph=inquiry.base, configuration=configuration)
        found[configuration] = (
            gather(head, base, changes, inert, inquiry.store, inquiry.readers)
            if everything is None
            else Evidence(world=head)
        )
        _more(found[configuration], inquiry)
    return found


def _more(evidence: Evidence, inquiry: Inquiry) -> None:
    """E16: a package that was red stays selected until it is seen green."""
    more = inquiry.more or (lambda world: red_on_branch(world, inquiry.known.red_packages))
    for place, reason in more(evidence.world):
        evidence.reached.tests.setdefault(place, []).append(reason)


def red_on_branch(world: World, red: frozenset[str]) -> Iterator[tuple[str, Reason]]:
    """Tested folders whose import path was red, whatever their files were then."""
    for place in world.tested if red else ():
        path = world.import_path(place)
        if path in red:
            yield place, _all("E16", f"{path} was red when it last ran on this branch")


def _unclaimed(inquiry: Inquiry, evidence: Iterable[Evidence]) -> tuple[str, ...]:
    known = list(evidence)
    if inquiry.changes.base is None or not known:
        return ()
    claimed = set().union(*(one.claims for one in known))
    phases = [matcher((*phase.when.changed, *phase.inputs)) for phase in inquiry.phases]
    inert = matcher(inquiry.inert)
    return tuple(
        path
        for path in sorted(change.path for change in inquiry.changes.changes)
        if path not in claimed
        and not path.startswith(SETTINGS)
        and not inert(path)
        and not any(matches(path) for matches in phases)
    )


def _asked(inquiry: Inquiry) -> tuple[Phase, ...]:
    return tuple(sorted(inquiry.phases, key=lambda phase: (phase.order, phase.name)))


def _call(
    inquiry: Inquiry,
    phase: Phase,
    evidence: Mapping[Configuration, Evidence],
    everything: Reason | None,
) -> Call:
    if inquiry.names and phase.name not in inquiry.names:
        return Call(called=False, why=("not asked for",))
    found = evidence[inquiry.configurations[phase.name]]
    everything = everything or _untrusted(inquiry, phase)
    if everything is not None:
        held, targets = found.world.held(phase), found.world.targets(phase)
        if not held and not targets and phase.run.runner != "suite":
            return Call(called=False, why=("nothing here",))
        if inquiry.narrowed and phase.replaces and not inquiry.names:
            return Call(called=False, why=("packages are named on the command line",))
        if not (phase.when.all or inquiry.names or _own_files(inquiry, phase)):
            why = "only its own files or --phase call for it"
            return Call(called=False, why=(why,), held=held)
        return Call(
            called=True, why=(everything.text,), everything=everything, packages=held,
            targets=targets, held=held,
        )  # fmt: skip
    paths = [change.path for change in inquiry.changes.changes]
    red = phase.name in inquiry.known.red_phases
    return call(phase, found, paths, red, named=bool(inquiry.names))


def _untrusted(inquiry: Inquiry, phase: Phase) -> Reason | None:
    """E5: the base of the default branch speaks for those phases only that were green there."""
    known, base = inquiry.known, inquiry.changes.base
    if known.green_phases is None or base is None or not inquiry.changes.default:
        return None
    if base.commit != known.last_green or not phase.when.all or inquiry.names:
        return None
    green = known.green_phases | {
        name for one in inquiry.phases if one.name in known.green_phases for name in one.replaces
    }
    if phase.name in green:
        return None
    return _all("E5", f"{phase.name} was not green at {base.commit[:12]}, the base")


def _own_files(inquiry: Inquiry, phase: Phase) -> bool:
    matches = matcher(phase.when.changed)
    return any(matches(change.path) for change in inquiry.changes.changes)


def _answer(
    inquiry: Inquiry,
    evidence: Mapping[Configuration, Evidence],
    calls: list[tuple[Phase, Call]],
    everything: Reason | None,
    unclaimed: tuple[str, ...],
) -> Selected:
    calls = list(_replaced(calls))
    worlds = {phase.name: evidence[inquiry.configurations[phase.name]].world for phase, _ in calls}
    tests = {
        phase.name: tuple(worlds[phase.name].tests(place) for place in one.packages)
        for phase, one in calls
        if one.called
    }
    shares = partition([(phase, tests[phase.name]) for phase, one in calls if one.called])
    by_name = {share.phase.name: share for share in shares}
    phases = tuple(
        phase_scope(
            phase, one, evidence[inquiry.configurations[phase.name]], by_name.get(phase.name)
        )
        for phase, one in calls
    )
    notes = tuple(dict.fromkeys(note for one in evidence.values() for note in one.notes))
    mode, reason = _mode(inquiry.changes, phases, everything)
    scope = Scope(
        base=inquiry.changes.base,
        head=inquiry.changes.head,
        dirty=inquiry.changes.dirty,
        mode=mode,
        reason=reason,
        phases=phases,
        removed=_removed(inquiry, list(worlds.values())),
        unclaimed=unclaimed,
        notes=(*_notes(inquiry.changes), *notes),
    )
    return Selected(scope=scope, tests=tests, shares=shares, worlds=worlds)


def _replaced(calls: list[tuple[Phase, Call]]) -> Iterator[tuple[Phase, Call]]:
    """A called phase takes the place of those that it ``replaces``."""
    by = {
        name: phase.name
        for phase, one in calls
        if one.called and (one.packages or one.targets)
        for name in phase.replaces
    }
    for phase, one in calls:
        if phase.name in by:
            yield phase, Call(called=False, why=(f"{by[phase.name]} runs in its place",))
        else:
            yield phase, one


def _mode(
    changes: Changes, phases: tuple[PhaseScope, ...], everything: Reason | None
) -> tuple[Mode, str]:
    if everything is not None:
        return Mode.ALL, everything.text
    count = len(changes.changes)
    assert changes.base is not None
    since = f"since {changes.base.commit[:12]} ({changes.base.how})"
    if not any(phase.selected for phase in phases):
        what = f"{_files(count)} changed" if count else "nothing changed"
        return Mode.NONE, f"nothing affected: {what} {since}"
    if not count:
        return Mode.SELECTED, f"nothing changed that git knows {since}"
    return Mode.SELECTED, f"{_files(count)} changed {since}"


def _files(count: int) -> str:
    return "1 path" if count == 1 else f"{count} paths"


def _removed(inquiry: Inquiry, worlds: list[World]) -> tuple[str, ...]:
    """A9, D15: packages of the base that ``./...`` no longer matches."""
    if inquiry.base is None or not worlds:
        return ()
    head = {place for places in inquiry.head.members.values() for place in places}
    base = World(graph=inquiry.base, configuration=worlds[0].configuration)
    lost = [p for places in inquiry.base.members.values() for p in places if p not in head]
    return tuple(sorted(base.import_path(place) for place in lost)) if lost else ()


def _notes(changes: Changes) -> Iterator[Note]:
    if changes.base is None:
        severity = Severity.CRITICAL if changes.fault else Severity.WARNING
        title = f"everything is selected: {changes.reason}"
        yield Note(severity=severity, kind="scope", title=title, fix=changes.fix)
    unseen = [change.path for change in changes.unseen]
    if unseen:
        count = len(unseen)
        what = "1 Go file" if count == 1 else f"{count} Go files"
        text = ", ".join(map(shown, unseen[:10])) + (" …" if count > 10 else "")
        title = f"git ignores {what} that go compiles: taken for changed until proven green"
        yield Note(severity=Severity.NOTE, kind="scope", title=title, text=text)
