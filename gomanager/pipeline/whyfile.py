"""What the change of a file selects, or would select if it changed."""

from collections.abc import Sequence

from msgspec.structs import replace

from gomanager.git.change import Base, Change, Origin, Side, Status
from gomanager.golang.modules import within
from gomanager.pipeline.scope import Answer
from gomanager.pipeline.whatfor import Target
from gomanager.pipeline.whyanswer import PROVED, SELECTED, UNCHANGED, PhaseAnswer, Why
from gomanager.selection.globs import matcher
from gomanager.selection.rows import MODULE_FILES
from gomanager.selection.scope import Mode, PhaseScope, Proved, Reason, Scope
from gomanager.selection.select import select as choose


def file(answer: Answer, target: Target) -> Why:
    """What the change of a file selects, or would select."""
    path = target.path
    change = next((c for c in answer.changes.changes if c.path == path), None)
    scope = choose(answer.inquiry).scope if change is not None else _supposed(answer, path)
    proofs = {one.name: one.proofs if change is not None else () for one in answer.scope.phases}
    paths = (path, "") if scope.mode is Mode.ALL else (path,)
    phases = tuple(_by_file(one, paths, proofs[one.name], change is None) for one in scope.phases)
    state = f"{change.status.value}, {change.origin.value}" if change else "not changed"
    rows = list(dict.fromkeys(reason.id for one in phases for reason in one.reasons))
    what = f"rules {', '.join(rows)}" if len(rows) > 1 else f"rule {rows[0]}" if rows else ""
    if not what:
        what = _no_rule(answer, path, scope.unclaimed)
    supposed = change is None
    return Why(target=target, phases=phases, text=f"{state}; {what}", supposed=supposed)


def _no_rule(answer: Answer, path: str, unclaimed: tuple[str, ...]) -> str:
    name = path.rpartition("/")[2]
    if path in unclaimed:
        return "no rule says who reads it (unclaimed)"
    if matcher(answer.inquiry.inert)(path):
        return "rule 11: it is on the list of what no test depends on"
    if name in ("go.sum", "go.work.sum", "modules.txt"):
        return "rule 5: what it says of a module counts with that module's line in go.mod"
    if name in MODULE_FILES:
        return "rule 5: it selects what reaches the modules whose entries change"
    if name.endswith(".go"):
        return "rule 1: no phase compiles it, or nothing with tests reaches it"
    return "no test depends on it"


def _by_file(
    one: PhaseScope, paths: tuple[str, ...], proofs: tuple[Proved, ...], supposed: bool
) -> PhaseAnswer:
    """``one`` is the phase's scope before any proof."""
    reached = tuple(
        replace(package, reasons=found)
        for package in (*one.packages, *one.build_only)
        if (found := tuple(r for r in package.reasons if r.path in paths))
    )
    proved = {(proof.package, proof.module): proof for proof in proofs}
    packages = tuple(p for p in reached if (p.path, p.module) not in proved)
    spared = [proved[p.path, p.module] for p in reached if (p.path, p.module) in proved]
    parts = [f"it {'would select' if supposed else 'selects'} {_count(packages)}"]
    parts += [f"{_count(spared)} that it reaches: proven green"] if spared else []
    if not reached:
        parts = list(one.why) if not one.selected else ["it reaches nothing here"]
    return PhaseAnswer(
        name=one.name,
        answer=SELECTED if packages else PROVED if spared else UNCHANGED,
        text="; ".join(parts if packages or not spared else parts[1:]),
        configuration=one.configuration,
        reasons=tuple(dict.fromkeys(reason for package in reached for reason in package.reasons)),
        proof=spared[0] if spared and not packages else None,
        packages=packages,
    )


def _count(packages: Sequence[object]) -> str:
    return "1 package" if len(packages) == 1 else f"{len(packages)} packages"


def _supposed(answer: Answer, path: str) -> Scope:
    """The scope as if the file alone had changed; without the ledger."""
    if path.rpartition("/")[2] in MODULE_FILES:
        return _supposed_module(answer, path)
    entry = answer.graph.tree.files.get(path)
    old = Side(mode=entry.mode, oid=entry.oid) if entry is not None else None
    new = Side(mode=entry.mode if entry is not None else 0o100644, oid="0" * 40)
    status = Status.MODIFIED if old is not None else Status.ADDED
    change = Change(path=path, status=status, origin=Origin.UNSTAGED, old=old, new=new)
    base = Base(ref="HEAD", commit=answer.scope.head or "0" * 40, how="as if it changed")
    changes = replace(answer.changes, base=base, changes=(change,))
    inquiry = replace(
        answer.inquiry,
        changes=changes,
        base=None,
        everything=False,
        readers=answer.proofs.readers(changes),
        more=lambda _: (),
    )
    return choose(inquiry).scope


def _supposed_module(answer: Answer, path: str) -> Scope:
    """The most that a change of a module file selects: its entries decide, and are not known."""
    scope = choose(replace(answer.inquiry, everything=True, more=lambda _: ())).scope
    text = "at most: the packages that reach a module whose entry changes"
    reason = Reason(id="5", path=path, status="modified", chain=(), text=text)
    modules = _reading(answer, path)
    phases = []
    for one in scope.phases:
        known = (*one.packages, *one.build_only)
        packages = tuple(replace(p, reasons=(reason,)) for p in known if p.module in modules)
        phases.append(replace(one, packages=packages, build_only=(), selected=bool(packages)))
    return replace(scope, phases=tuple(phases))


def _reading(answer: Answer, path: str) -> set[str]:
    """Folders of the modules whose build list a module file has a part in."""
    folder, modules = path.rpartition("/")[0], answer.graph.modules
    if any(file.rpartition("/")[2] == "go.work" for file in (path, *answer.graph.tree.files)):
        return {module.dir for module in modules}
    return {folder} | {
        module.dir
        for module in modules
        if any(r.local and within(module.dir, r.target) == folder for r in module.file.replace)
    }
