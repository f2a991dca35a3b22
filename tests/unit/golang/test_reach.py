"""The reverse closure where a package lies in the root folder, whose name is empty."""

from collections.abc import Callable

from gomanager.golang.reach import Seed
from gomanager.golang.view import View

FILES = {
    "go.mod": "module example.com/app\n\ngo 1.24\n",
    "app.go": 'package app\n\nimport _ "example.com/app/store"\n',
    "app_test.go": 'package app\n\nimport "testing"\n\nfunc TestApp(t *testing.T) {}\n',
    "store/store.go": "package store\n",
    "cmd/cmd.go": 'package main\n\nimport _ "example.com/app"\n\nfunc main() {}\n',
    "cmd/cmd_test.go": 'package main\n\nimport "testing"\n\nfunc TestCmd(t *testing.T) {}\n',
}


def test_chains_pass_through_the_root_package(
    make_view: Callable[..., View],
) -> None:
    view = make_view(FILES)
    reach = view.reach([Seed("store")])
    assert set(reach.tests) == {"", "cmd"}
    assert [link.package for link in reach.chain("cmd")] == [
        "example.com/app/store",
        "example.com/app",
        "example.com/app/cmd",
    ]
    assert [link.package for link in view.reach([Seed("")]).chain("")] == ["example.com/app"]
    assert [link.package for link in view.reach([Seed("", test=True)]).chain("")] == [
        "example.com/app"
    ]
