"""Third-party edges from an extracted module cache."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gomanager.golang.cache import HeaderCache
from gomanager.golang.modcache import ModuleCache, build_list, escaped, reaching
from gomanager.golang.view import View

MakeView = Callable[..., View]

MODULES = ("A.com/a v1.0.0", "b.com/b v1.0.0", "b.com/b/deep v1.0.0", "c.com/c v1.0.0")
FILES = {
    "go.mod": "module example.com/m\ngo 1.26\n" + "".join(f"require {m}\n" for m in MODULES),
    "p/p_test.go": 'package p\nimport _ "A.com/a/sub"\n',
    "q/q_test.go": 'package q\nimport _ "b.com/b/deep/x"\n',
    "r/r_test.go": 'package r\nimport _ "b.com/b/y"\n',
    "s/s_test.go": 'package s\nimport _ "fmt"\n',
}
CACHE = {
    "!a.com/a@v1.0.0/sub/s.go": 'package sub\nimport _ "b.com/b/z"\n',
    "b.com/b@v1.0.0/y/y.go": "package y\n",
    "b.com/b@v1.0.0/z/z.go": 'package z\nimport ("fmt"; _ "c.com/c")\n',
    "b.com/b@v1.0.0/z/z_windows.go": 'package z\nimport _ "b.com/b/y"\n',
    "b.com/b@v1.0.0/z/z_test.go": 'package z\nimport _ "b.com/b/y"\n',
    "b.com/b/deep@v1.0.0/x/x.go": "package x\n",
    "c.com/c@v1.0.0/c.go": "package c\n",
}


def reached(view: View, module: str, store: ModuleCache) -> set[str]:
    return set(view.reach(reaching(view, [module], store).seeds).tests)


@pytest.mark.parametrize(
    ("module", "places"),
    [
        ("A.com/a", {"p"}),
        ("b.com/b", {"p", "r"}),
        ("b.com/b/deep", {"q"}),
        ("c.com/c", {"p"}),
        ("d.com/d", set()),
    ],
)
def test_d1_d2_through_other_modules(
    make_view: MakeView, store: ModuleCache, module: str, places: set[str]
) -> None:
    view = make_view(FILES)
    assert reached(view, module, store) == places
    assert reaching(view, [module], store).unknown == ()


def test_the_changed_module_itself_need_not_be_there(
    make_view: MakeView, store: ModuleCache
) -> None:
    view = make_view(
        {**FILES, "go.mod": FILES["go.mod"].replace("c.com/c v1.0.0", "c.com/c v2.0.0")}
    )
    found = reaching(view, ["c.com/c"], store)
    assert {seed.node for seed in found.seeds} == {"@A.com/a/sub"}
    assert found.unknown == ()


def test_sources_that_are_not_there_count_as_reached(make_view: MakeView, tmp_path: Path) -> None:
    view = make_view(FILES)
    found = reaching(view, ["c.com/c"], ModuleCache(tmp_path / "nowhere"))
    assert set(view.reach(found.seeds).tests) == {"p", "q", "r"}
    assert found.unknown == ("A.com/a", "b.com/b", "b.com/b/deep")


def test_replacements_lead_to_their_target(make_view: MakeView, store: ModuleCache) -> None:
    lines = "replace A.com/a => b.com/b v1.0.0\nreplace c.com/c v1.0.0 => ../c\n"
    view = make_view({**FILES, "go.mod": FILES["go.mod"] + lines})
    assert build_list(view.context)["A.com/a"] == ("b.com/b", "v1.0.0")
    assert build_list(view.context)["c.com/c"] == ("", "")


def test_packages_are_read_once_for_good(store: ModuleCache, tmp_path: Path) -> None:
    records = HeaderCache(tmp_path / "records")
    first = ModuleCache(store.root, records).package("c.com/c", "v1.0.0", "")
    (store.root / "c.com/c@v1.0.0/c.go").unlink()
    assert ModuleCache(store.root, records).package("c.com/c", "v1.0.0", "") == first


def test_escaping() -> None:
    assert escaped("github.com/Masterminds/semver") == "github.com/!masterminds/semver"


def test_d8_a_replaced_module_needs_no_dot_in_its_path(make_view: MakeView, tmp_path: Path) -> None:
    view = make_view(
        {
            "go.mod": (
                "module example.com/m\ngo 1.26\nrequire plain/lib v1.0.0\nrequire b.com/b v1.0.0\n"
                "replace plain/lib => c.com/c v1.0.0\n"
            ),
            "p/p_test.go": 'package p\nimport _ "plain/lib/sub"\n',
            "q/q_test.go": 'package q\nimport _ "b.com/b"\n',
            "s/s_test.go": 'package s\nimport _ "go/ast"\n',
        }
    )
    (tmp_path / "b.com/b@v1.0.0").mkdir(parents=True)
    (tmp_path / "b.com/b@v1.0.0/b.go").write_text('package b\nimport _ "plain/lib"\n')
    assert reached(view, "plain/lib", ModuleCache(tmp_path)) == {"p", "q"}


def test_summaries_are_kept_under_the_hash_of_their_module(
    store: ModuleCache, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"

    def reader() -> ModuleCache:
        return ModuleCache(store.root, HeaderCache(kept))

    def imports(cache: ModuleCache) -> set[str]:
        package = cache.package("c.com/c", "v1.0.0", "")
        assert package is not None
        return {path for group in package.groups for path in group.imports}

    source = store.root / "c.com/c@v1.0.0/c.go"
    hashed = store.root / "cache/download/c.com/c/@v/v1.0.0.ziphash"
    first = reader()
    assert imports(first) == set()
    first.save()
    source.write_text('package c\nimport _ "b.com/b/y"\n')
    assert imports(reader()) == {"b.com/b/y"}  # without its hash nothing is kept
    hashed.parent.mkdir(parents=True)
    hashed.write_text("h1:one=")
    second = reader()
    assert imports(second) == {"b.com/b/y"}
    second.save()
    source.write_text("package c\n")
    assert imports(reader()) == {"b.com/b/y"}  # read from what is kept
    hashed.write_text("h1:two=")  # the tag was moved, and fetched again
    assert imports(reader()) == set()
    assert reader().package("c.com/c", "v1.0.0", "none") is None
