"""Integration test files and changed code that no test names, from sources alone."""

from typing import NamedTuple

from gomanager.analysis.untested import integration_tests, untested, users
from gomanager.golang.constraints import UNION
from gomanager.golang.graph import load
from gomanager.golang.tree import Entry, Tree
from gomanager.inventory import PackageTests

FILES = {
    "go.mod": "module ex.com/m\n\ngo 1.21\n",
    "client/client.go": (
        "package client\n\n"
        "// Get gets.\nfunc Get() int {\n\treturn 1\n}\n\n"
        "// Cancel cancels.\nfunc Cancel() int {\n\treturn 2\n}\n\n"
        "func inner() int {\n\treturn 3\n}\n"
    ),
    "client/client_test.go": 'package client\n\nimport "testing"\n\nfunc TestGet(t *testing.T) { Get() }\n',
    "cmd/tool/main.go": "package main\n\nfunc main() {\n\tprintln()\n}\n",
    "use/use.go": 'package use\n\nimport "ex.com/m/client"\n\nfunc Use() int { return client.Get() }\n',
    "e2e/e2e_test.go": 'package e2e\n\nimport (\n\t"testing"\n\n\t"ex.com/m/use"\n)\n\nfunc TestUse(t *testing.T) { use.Use() }\n',
}
WHOLE = (range(1, 2**31),)


class Function(NamedTuple):
    name: str
    file: str
    tagged: frozenset[str] = frozenset()


def views(files: dict[str, str]):
    data = {path: text.encode() for path, text in files.items()}
    tree = Tree(
        tuple(Entry(path, 0o100644, path) for path in sorted(data)),
        lambda oids: ((oid, data[oid]) for oid in oids),
    )
    return load(tree).views(UNION)


def told(changed: dict[str, tuple[range, ...]], files: dict[str, str] = FILES):
    return untested(
        changed, views(files), lambda path: files[path].encode() if path in files else None
    )


def test_users_are_importers_and_their_test_binaries():
    found = users(views(FILES), "client")
    assert found.code == {"client", "use"}
    assert found.tests == {"client", "e2e"}


def test_new_functions_that_nothing_names():
    assert told({"client/client.go": WHOLE}) == (
        "client/client.go:9: Cancel is new, and no test or caller names it",
    )


def test_changed_functions_are_not_new():
    assert told({"client/client.go": (range(10, 11),)}) == ()


def test_a_caller_or_a_test_is_enough():
    caller = {**FILES, "use/more.go": "package use\n\nfunc More() int { return client.Cancel() }\n"}
    assert told({"client/client.go": WHOLE}, caller) == ()
    named = FILES["client/client_test.go"] + "\nfunc TestCancel(t *testing.T) { Cancel() }\n"
    assert told({"client/client.go": WHOLE}, {**FILES, "client/client_test.go": named}) == ()


def test_packages_that_no_test_binary_holds():
    assert told({"cmd/tool/main.go": (range(4, 5),)}) == (
        "cmd/tool/main.go: no test binary holds its package",
    )


def test_tests_and_files_without_functions_are_left_out():
    plain = {**FILES, "cmd/tool/types.go": "package main\n\ntype T int\n"}
    assert told({"client/client_test.go": WHOLE, "cmd/tool/types.go": WHOLE}, plain) == ()


def test_integration_files_and_what_they_hold():
    def package(folder: str, *functions: Function) -> PackageTests:
        return PackageTests(
            path=f"ex.com/m/{folder}", dir=folder, module_dir="", functions=functions
        )

    tag = frozenset({"integration"})
    plain = package("test/integration", Function("TestA", "test/integration/a_test.go"))
    tagged = package(
        "test/integration",
        Function("TestA", "test/integration/a_test.go"),
        Function("TestB", "test/integration/b_test.go", tag),
    )
    mixed = package(
        "store", Function("TestU", "store/u_test.go"), Function("TestI", "store/i_test.go", tag)
    )
    assert integration_tests([plain, tagged, mixed]) == (
        "store/i_test.go (tag integration): TestI",
        "test/integration/a_test.go: TestA",
        "test/integration/b_test.go (tag integration): TestB",
    )


def test_long_lists_are_cut_with_a_number():
    functions = tuple(Function(f"Test{n}", "e2e/a_test.go") for n in range(20))
    package = PackageTests(path="ex.com/m/e2e", dir="e2e", module_dir="", functions=functions)
    (line,) = integration_tests([package])
    assert line.endswith("Test11 and 8 more")
