"""Two routes to one answer, over generated repositories: what the diff reaches, and which
fingerprints differ; with what must hold between them whatever the change."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha1
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gomanager.git.change import Base, Change, Changes, Origin, Side, status_of
from gomanager.golang.cache import HeaderCache
from gomanager.golang.constraints import Configuration
from gomanager.golang.fingerprint import Fingerprints
from gomanager.golang.graph import Graph, load
from gomanager.golang.modules import files_of
from gomanager.golang.tree import REGULAR, Entry, Tree
from gomanager.phases import Phase
from gomanager.selection.question import Inquiry
from gomanager.selection.scope import Scope
from gomanager.selection.select import select

LINUX = Configuration(goos="linux", goarch="amd64", release=26)
NAMES = "abcdef"
MOD = "module example.com/m\n\ngo 1.26\n\nrequire (\n\tx.com/x {0}\n\ty.com/y v1.0.0\n)\n"
SUM = "".join(f"{m} {v} h1:{m}{v}=\n" for m in ("x.com/x", "y.com/y") for v in ("v1.0.0", "v1.1.0"))
UNIT = Phase(name="unit")
Files = Mapping[str, str]


def oid(text: str) -> str:
    return sha1(text.encode()).hexdigest()


def tree(files: Files) -> Tree:
    blobs = {oid(text): text.encode() for text in files.values()}

    def read(oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((one, blobs[one]) for one in oids if one in blobs)

    return Tree([Entry(p, REGULAR, oid(t)) for p, t in sorted(files.items())], read)


def source(package: str, imports: Iterable[str], embed: bool, word: str) -> str:
    lines = [f'import _ "{path}"' for path in imports]
    lines += ["//go:embed data", "var s string"] if embed else []
    return "\n".join([f"package {package}", *lines, f"// {word}"])


@st.composite
def repositories(draw: st.DrawFn) -> dict[str, str]:
    """Packages that import earlier ones, third-party code, data; tests that import any of them."""
    files = {"go.mod": MOD.format("v1.0.0"), "go.sum": SUM}
    for at, name in enumerate(NAMES[: draw(st.integers(2, 6))]):
        path = draw(st.sampled_from([name, f"{name}/inner"]))
        below = [p for p in files if p.endswith("lib.go")]
        earlier = [f"example.com/m/{p.removesuffix('/lib.go')}" for p in below]
        earlier += ["x.com/x", "y.com/y/z", "strings"]
        some = st.lists(st.sampled_from(earlier), max_size=2, unique=True)
        embed = draw(st.booleans())
        if draw(st.integers(0, 4)) or not at:
            files[f"{path}/lib.go"] = source(name, draw(some), embed, "1")
            if draw(st.booleans()):
                files[f"{path}/more_windows.go"] = source(name, draw(some), False, "1")
        if embed or draw(st.booleans()):
            files[f"{path}/data"] = "1"
        if draw(st.integers(0, 3)):
            kind = draw(st.sampled_from([name, f"{name}_test"]))
            files[f"{path}/x_test.go"] = source(kind, draw(some), False, "1")
        if draw(st.booleans()):
            files[f"{path}/testdata/in"] = "1"
    return files


@st.composite
def edits(draw: st.DrawFn, files: Files) -> dict[str, str]:
    """The same files with some of them edited, gone or new."""
    after = dict(files)
    paths = [path for path in files if not path.startswith("go.")]
    for path in draw(st.lists(st.sampled_from(paths), max_size=3, unique=True)):
        if draw(st.booleans()):
            after[path] = files[path] + "\n// 2"
        else:
            del after[path]
    for path in draw(st.lists(st.sampled_from(paths), max_size=1)):
        place = path.partition("/")[0]
        after[f"{place}/new.go"] = source(place, [], False, "1")
    if draw(st.integers(0, 3)) == 0:
        after["go.mod"] = MOD.format("v1.1.0")
    return after


def scope(before: Files, after: Files) -> Scope:
    changes = []
    for path in sorted(before.keys() | after.keys()):
        old, new = (
            Side(mode=REGULAR, oid=oid(files[path])) if path in files else None
            for files in (before, after)
        )
        status = status_of(old, new)
        if status is not None:
            origin = Origin.COMMITTED
            changes.append(Change(path=path, status=status, origin=origin, old=old, new=new))
    found = Changes(
        base=Base(ref="main", commit="b" * 40, how="test"),
        reason="test", fix=None, fault=False, head="c" * 40, branch="topic", default=False,
        dirty=False, changes=tuple(changes),
    )  # fmt: skip
    inquiry = Inquiry(
        changes=found,
        head=load(tree(after)),
        base=load(tree(before)),
        phases=(UNIT,),
        configurations={UNIT.name: LINUX},
        unclaimed="none",
    )
    return select(inquiry).scope


def selected(before: Files, after: Files) -> set[str]:
    (one,) = scope(before, after).phases
    return {package.path for package in one.packages}


def fingerprints(files: Files, cache: HeaderCache | None = None) -> dict[str, str | None]:
    graph: Graph = load(tree(files), cache)
    found: dict[str, str | None] = {}
    for view in graph.views(LINUX):
        modules = {main.dir: files_of(graph.tree, main) for main in view.context.mains}
        prints = Fingerprints(view, phase="", files=modules)
        found |= {view.import_path(place): prints.of(place) for place in view.tested}
    return found


PAIRS = repositories().flatmap(lambda files: st.tuples(st.just(files), edits(files)))


@settings(max_examples=150)
@given(PAIRS)
def test_the_diff_reaches_what_has_another_fingerprint(pair: tuple[Files, Files]) -> None:
    before, after = pair
    old, new = fingerprints(before), fingerprints(after)
    differing = {path for path in new if old.get(path) != new[path]}
    found = selected(before, after)
    assert differing <= found
    extra = found - differing
    # A module of which no source is at hand: everything that reaches third-party code (D1, S).
    assert not extra or before["go.mod"] != after["go.mod"] or _unknown(new, extra)


def _unknown(prints: Mapping[str, str | None], paths: set[str]) -> bool:
    """Code that does not compile has no fingerprint before or after, and runs every time."""
    return all(prints[path] is None for path in paths)


@settings(max_examples=50)
@given(PAIRS)
def test_a_revert_gives_the_fingerprints_of_before(pair: tuple[Files, Files]) -> None:
    before, after = pair
    assert fingerprints(dict(reversed(list(before.items())))) == fingerprints(before)
    back = {**after, **before}
    for path in after.keys() - before.keys():
        del back[path]
    assert fingerprints(back) == fingerprints(before)
    assert selected(before, back) == set()


@settings(max_examples=30)
@given(repositories().flatmap(lambda files: st.lists(edits(files), min_size=2, max_size=3)))
def test_a_union_of_changes_reaches_what_each_of_them_reaches(states: list[Files]) -> None:
    steps = [selected(one, other) for one, other in pairwise(states)]
    kept = set(fingerprints(states[-1]))
    last = fingerprints(states[-1])
    for step, at in zip(steps, states[1:], strict=True):
        same = {p for p, digest in fingerprints(at).items() if digest == last.get(p)}
        whole = {p for p in step & kept & same if fingerprints(states[0]).get(p) != last[p]}
        assert whole <= selected(states[0], states[-1])


@settings(max_examples=30)
@given(repositories())
def test_a_warm_cache_answers_as_a_cold_one(files: Files) -> None:
    cache = HeaderCache()
    cold = fingerprints(files, cache)
    assert fingerprints(files, cache) == cold == fingerprints(files)
