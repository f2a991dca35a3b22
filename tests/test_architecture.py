"""The house of CONTRIBUTING.md, enforced: imports point down, the middle is pure, modules are small."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "gomanager"
MODULES = sorted(PACKAGE.rglob("*.py"))
PURE = ("results", "gotest", "selection", "analysis", "report")
EFFECTS = {
    "asyncio", "click", "git", "http", "multiprocessing", "psycopg", "requests", "shutil", "socket",
    "sqlite3", "subprocess", "tempfile", "urllib",
}  # fmt: skip
# 300 and 40 are what we write towards; a little more needs no ceremony, much more does.
LONGEST_MODULE = 330
LONG_FOR_A_REASON = {
    "gomanager.results",  # the glossary: values only, read as one page
}
LONGEST_FUNCTION = 60
FORBIDDEN_NAMES = {"utils", "util", "helpers", "common", "core", "manager", "service", "handler"}


def name(path: Path) -> str:
    """Dotted name of a module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path, *, late: bool) -> set[str]:
    """Dotted names that a module imports; those inside functions only if ``late``."""
    found: set[str] = set()
    for node in ast.walk(tree(path)) if late else tree(path).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_imports_point_down(monkeypatch, capsys):
    from importlinter import cli

    monkeypatch.chdir(ROOT)
    code = cli.lint_imports(no_cache=True)
    assert code == cli.EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_modules_are_small():
    sizes = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    long = {module: size for module, size in sizes.items() if size > LONGEST_MODULE}
    assert set(long) <= LONG_FOR_A_REASON, "split where a second reader would ask: where is …?"


def test_functions_are_small():
    long = [
        f"{name(path)}.{node.name}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - _first(node) >= LONGEST_FUNCTION
    ]
    assert long == []


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The first line behind signature and docstring: a command's options are its signature."""
    body = node.body[1:] if ast.get_docstring(node) is not None and node.body[1:] else node.body
    return body[0].lineno


def test_modules_say_what_they_hold():
    silent = [
        name(path)
        for path in MODULES
        if path.name != "__init__.py" and not ast.get_docstring(tree(path))
    ]
    assert silent == []


def test_package_files_are_empty():
    assert [name(p) for p in MODULES if p.name == "__init__.py" and p.stat().st_size] == []


def test_names_are_vocabulary():
    parts = {part for path in MODULES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not parts & FORBIDDEN_NAMES


@pytest.mark.parametrize("layer", PURE)
def test_the_middle_is_pure(layer):
    """Nothing that the layer imports, directly or through our own modules, can have an effect."""
    modules = {name(path): path for path in MODULES}
    open_ends = [
        m for m in modules if m == f"gomanager.{layer}" or m.startswith(f"gomanager.{layer}.")
    ]
    assert open_ends
    chains = {module: module for module in open_ends}
    while open_ends:
        module = open_ends.pop()
        for target in imported(modules[module], late=module == chains[module]):
            assert target.partition(".")[0] not in EFFECTS, f"{chains[module]} -> {target}"
            if target in modules and target not in chains:
                chains[target] = f"{chains[module]} -> {target}"
                open_ends.append(target)


def test_unit_tests_mirror_the_package():
    unit = ROOT / "tests" / "unit"
    for folder in (path for path in unit.rglob("*") if path.is_dir() and "_" not in path.name):
        assert (PACKAGE / folder.relative_to(unit)).is_dir(), folder


def test_no_broad_except_outside_the_boundary():
    broad = [
        name(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and not _raises_again(node)
    ]
    assert broad == ["gomanager.cli"]


def _raises_again(node: ast.ExceptHandler) -> bool:
    return any(isinstance(step, ast.Raise) and step.exc is None for step in node.body)
