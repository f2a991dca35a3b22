"""Strongly connected components: the union of configurations can hold import cycles."""

from collections.abc import Iterable, Iterator, Mapping


def components(nodes: Iterable[str], edges: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Components in an order where every one follows those it leads to (Tarjan 1972, unrolled)."""
    search = _Search(edges)
    for node in nodes:
        if node not in search.index:
            search.visit(node)
    return search.found


class _Search:
    def __init__(self, edges: Mapping[str, Iterable[str]]) -> None:
        self.edges = edges
        self.index: dict[str, int] = {}
        self.low: dict[str, int] = {}
        self.stack: list[str] = []
        self.on_stack: set[str] = set()
        self.found: list[tuple[str, ...]] = []

    def visit(self, start: str) -> None:
        work = [(start, iter(self.edges.get(start, ())))]
        self._enter(start)
        while work:
            node, rest = work[-1]
            for target in rest:
                if target not in self.index:
                    self._enter(target)
                    work.append((target, iter(self.edges.get(target, ()))))
                    break
                if target in self.on_stack:
                    self.low[node] = min(self.low[node], self.index[target])
            else:
                work.pop()
                self._leave(node, work[-1][0] if work else None)

    def _enter(self, node: str) -> None:
        self.index[node] = self.low[node] = len(self.index)
        self.stack.append(node)
        self.on_stack.add(node)

    def _leave(self, node: str, parent: str | None) -> None:
        if parent is not None:
            self.low[parent] = min(self.low[parent], self.low[node])
        if self.low[node] == self.index[node]:
            members = [self.stack.pop()]
            while members[-1] != node:
                members.append(self.stack.pop())
            self.on_stack.difference_update(members)
            self.found.append(tuple(sorted(members)))


class Open(Mapping[str, tuple[str, ...]]):
    """Edges of the nodes that have no digest yet; the others are ends."""

    def __init__(self, edges: Mapping[str, tuple[str, ...]], done: Mapping[str, str]) -> None:
        self.edges = edges
        self.done = done

    def __getitem__(self, node: str) -> tuple[str, ...]:
        return () if node in self.done else self.edges[node]

    def __iter__(self) -> Iterator[str]:
        return iter(self.edges)

    def __len__(self) -> int:
        return len(self.edges)
