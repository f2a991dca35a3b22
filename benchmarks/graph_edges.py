"""Compares the edges of our graph with those of ``go list -deps -test -json ./...``.

    python benchmarks/graph_edges.py REPOSITORY… [--tags a,b]

Every edge between two packages of the tree that the go command reports must be in our graph, in
every module of the repository: the number of missing ones must be 0. Edges that only we have are
counted; they cost precision, never a missed test. Two sets of tags are tried: none, and
``integration,e2e`` (or the ones given).
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from gomanager.git import objects
from gomanager.git.repository import Repository, discover
from gomanager.golang import toolchain
from gomanager.golang.constraints import Configuration
from gomanager.golang.graph import Graph, load
from gomanager.golang.modules import Context
from gomanager.golang.tree import Entry, Tree
from gomanager.golang.view import PROGRAM, View
from gomanager.process import result

Edge = tuple[str, str, str]
"""(directory, "lib" or "test", directory)."""

_FIELDS = "ImportPath,Dir,ForTest,Imports,ImportMap,Standard,Error,GoFiles"


def graph_of(repository: Repository) -> Graph:
    """The graph of HEAD."""
    entries = [Entry(*row) for row in objects.tree(repository, "HEAD")]
    return load(Tree(entries, lambda oids: objects.blobs(repository, oids)))


def listed(root: Path, context: Context, tags: tuple[str, ...]) -> list[dict[str, object]]:
    """What ``go list`` prints for the main modules of a context."""
    rows: list[dict[str, object]] = []
    for module in context.mains:
        argv = ["go", "list", "-e", "-deps", "-test", f"-json={_FIELDS}", f"-tags={','.join(tags)}"]
        done = result([*argv, "./..."], cwd=root / module.dir)
        decoder, text, at = json.JSONDecoder(), done.stdout.decode(), 0
        while (start := text.find("{", at)) >= 0:
            row, at = decoder.raw_decode(text, start)
            rows.append(row)
        if done.returncode and not rows:
            print(f"  go list in {module.dir or '.'}: {done.stderr.decode()[:300]}")
    return rows


def go_edges(rows: list[dict[str, object]], root: Path) -> set[Edge]:
    """Edges between directories of the repository."""
    place = {str(row["ImportPath"]): _place(row, root) for row in rows}
    own: dict[str, set[str]] = {}
    for row in rows:
        if " [" not in str(row["ImportPath"]):
            own[str(row["ImportPath"])] = set(row.get("Imports") or ())  # type: ignore[call-overload]
    return {edge for row in rows for edge in _edges(row, place, own)}


def _edges(
    row: dict[str, object], place: dict[str, str | None], own: dict[str, set[str]]
) -> Iterator[Edge]:
    path, _, variant = str(row["ImportPath"]).partition(" [")
    source = place[str(row["ImportPath"])]
    if source is None or path.endswith(".test") or row.get("Standard"):
        return
    tested = str(row.get("ForTest") or "")
    imports = [str(i) for i in row.get("Imports") or ()]  # type: ignore[attr-defined]
    external = variant and path == f"{tested}_test"
    internal = variant and path == tested
    known = {i.partition(" [")[0] for i in own.get(path, ())} if internal else set()
    for imported in imports:
        target = place.get(imported)
        if target is None or (target == source and not external):
            continue
        is_test = external or (internal and imported.partition(" [")[0] not in known)
        yield source, "test" if is_test else "lib", target


def _place(row: dict[str, object], root: Path) -> str | None:
    directory = row.get("Dir")
    if not directory or row.get("Standard"):
        return None
    path = PurePosixPath(str(directory))
    inside = path.is_relative_to(root)
    return path.relative_to(root).as_posix().removeprefix(".") if inside else None


def our_edges(view: View) -> set[Edge]:
    """Edges of a view between directories of the tree, without the ones go list cannot know."""
    found: set[Edge] = set()
    for kind, forward in (("lib", view.imports), ("test", view.test_imports)):
        for source, edges in forward.items():
            found |= {
                (source, kind, node)
                for node, edge in edges
                if not node.startswith("@") and edge != PROGRAM
            }
    return found


def compare(repository: Repository, graph: Graph, tags: tuple[str, ...]) -> int:
    """Prints one line for each context; the number of missing edges."""
    go = toolchain.load(repository.root, os.environ)
    total = 0
    for context in graph.contexts:
        view = graph.view(
            Configuration(
                goos=go.goos,
                goarch=go.goarch,
                cgo=go.cgo,
                tags=frozenset(tags),
                release=go.release,
            ),
            context,
        )
        rows = listed(repository.root, context, tags)
        expected, ours = go_edges(rows, repository.root.resolve()), our_edges(view)
        reachable = {str(_place(row, repository.root.resolve())) for row in rows}
        missing = expected - ours
        extra = {
            (source, kind, node)
            for source, kind, node in ours - expected
            if source in reachable and (source, "lib", node) not in expected
        }
        total += len(missing)
        print(
            f"  {context.dir or '.'} tags={','.join(tags) or '-'}: go list {len(expected)} edges, "
            f"ours {len(ours)}, missing {len(missing)}, extra {len(extra)} (from its packages)"
        )
        for edge in sorted(missing)[:10]:
            print("    missing", *edge)
        for edge in sorted(extra)[:5]:
            print("    extra", *edge)
    return total


def main() -> int:
    """Exit code 1 where an edge is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--tags", default="integration,e2e")
    options = parser.parse_args()
    missing = 0
    for path in options.repositories:
        repository = discover(path.resolve(), os.environ)
        if not isinstance(repository, Repository):
            print(f"{path}: not a repository")
            return 2
        graph = graph_of(repository)
        print(f"{path}: {len(graph.packages)} packages, {len(graph.modules)} modules")
        missing += compare(repository, graph, ())
        missing += compare(repository, graph, tuple(options.tags.split(",")))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
