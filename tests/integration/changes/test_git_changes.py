"""What changed: committed, staged, unstaged, untracked, and names of every kind."""

import os

import pytest

from gomanager.git.base import Wanted
from gomanager.git.change import Origin, Status
from gomanager.git.changes import collect, from_disk
from gomanager.git.look import Look
from gomanager.pipeline.graphs import tree_of

pytestmark = pytest.mark.integration

NAMES = ["with space", 'quo"te', "new\nline", "tab\tx", "ünï", "\udcff\udcfe", "-dash", '"both"']


def look(repo, *, staged=False, own=(), **wanted):
    repository = repo.discover()
    look_at = Look(repository.git, staged=staged)
    return collect(repository, Wanted(**wanted), look=look_at, own=own)


def facts(repo, **options):
    found, _ = look(repo, **options)
    return {change.path: (change.status, change.origin) for change in found.changes}


def content(repo, path, **options):
    _, snapshot = look(repo, **options)
    oid = next(oid for name, _, oid in tree_of(snapshot).entries if name == path)
    return dict(snapshot.read([oid]))[oid]


def test_e8_each_origin_is_labelled(repo):
    repo.commit({"kept": "1", "staged": "1", "unstaged": "1", "gone": "1"})
    repo.git("checkout", "-q", "-b", "feat")
    repo.commit({"committed": "1"})
    repo.write({"staged": "2", "unstaged": "2", "new": "1", "gone": None})
    repo.git("add", "staged")
    assert facts(repo) == {
        "committed": (Status.ADDED, Origin.COMMITTED),
        "gone": (Status.DELETED, Origin.UNSTAGED),
        "new": (Status.ADDED, Origin.UNTRACKED),
        "staged": (Status.MODIFIED, Origin.STAGED),
        "unstaged": (Status.MODIFIED, Origin.UNSTAGED),
    }
    assert content(repo, "unstaged") == b"2"
    assert content(repo, "kept") == b"1"
    assert look(repo)[0].dirty


def test_e10_names(repo):
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "feat")
    repo.commit({f"c/{name}": "1" for name in NAMES})
    repo.write({f"u/{name}": "2" for name in NAMES})
    assert set(facts(repo)) == {f"{top}/{name}" for top in "cu" for name in NAMES}
    for name in NAMES:
        assert content(repo, f"c/{name}") == b"1"
        assert content(repo, f"u/{name}") == b"2"


def test_e10_overlay_of_odd_names(repo):
    repo.commit(dict.fromkeys(NAMES, "1"))
    repo.write(dict.fromkeys(NAMES, "2"))
    assert set(facts(repo)) == set(NAMES)
    repo.write(dict.fromkeys(NAMES, "1"))
    assert facts(repo) == {}


def test_e11_a_rename_that_changes_only_case_is_two_paths(repo):
    repo.commit({"Readme.go": "package a\n"})
    repo.git("mv", "Readme.go", "readme.go")
    assert facts(repo) == {
        "Readme.go": (Status.DELETED, Origin.STAGED),
        "readme.go": (Status.ADDED, Origin.STAGED),
    }


def test_renames_modes_and_types(repo):
    repo.commit({"moved": "1" * 100, "run": "1", "link": "1"})
    repo.git("mv", "moved", "to")
    (repo.root / "run").chmod(0o755)
    (repo.root / "link").unlink()
    (repo.root / "link").symlink_to("run")
    assert facts(repo) == {
        "link": (Status.TYPE, Origin.UNSTAGED),
        "moved": (Status.DELETED, Origin.STAGED),
        "run": (Status.MODE, Origin.UNSTAGED),
        "to": (Status.ADDED, Origin.STAGED),
    }
    assert content(repo, "link") == b"run"


def test_committed_and_uncommitted_are_the_same_change(repo):
    repo.commit({"a": "1", "gone": "1"})
    repo.git("checkout", "-q", "-b", "feat")
    repo.write({"a": "2", "new": "1", "gone": None})
    _, before = look(repo)
    dirty = facts(repo)
    repo.commit()
    _, after = look(repo)
    clean = facts(repo)
    assert {path: status for path, (status, _) in dirty.items()} == {
        path: status for path, (status, _) in clean.items()
    }
    assert tree_of(before).entries == tree_of(after).entries


def test_work_that_takes_a_commit_back_is_no_change(repo):
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "feat")
    repo.commit({"a": "2", "b": "1"})
    repo.write({"a": "1", "b": None})
    assert facts(repo) == {}


def test_removed_from_the_index_and_still_there(repo):
    repo.commit({"a": "1", "b": "1"})
    repo.git("rm", "-q", "--cached", "a", "b")
    repo.write({"b": "2"})
    assert facts(repo) == {"b": (Status.MODIFIED, Origin.UNTRACKED)}
    assert content(repo, "b") == b"2"


def test_staged_only(repo):
    repo.commit({"a": "1", "b": "1"})
    repo.git("checkout", "-q", "-b", "feat")
    repo.commit({"c": "1"})
    repo.write({"a": "2", "b": "2", "new": "1"})
    repo.git("add", "a")
    repo.write({"a": "3"})
    assert facts(repo, staged=True) == {"a": (Status.MODIFIED, Origin.STAGED)}
    assert content(repo, "a", staged=True) == b"2"


def test_intent_to_add_and_conflicts(repo):
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "feat")
    repo.commit({"a": "2"})
    repo.git("checkout", "-q", "main")
    repo.commit({"a": "3"})
    repo.git("merge", "feat", check=False)
    repo.write({"n": "1"})
    repo.git("add", "-N", "n")
    found = facts(repo)
    assert found["a"] == (Status.MODIFIED, Origin.UNSTAGED)
    assert found["n"] == (Status.ADDED, Origin.UNSTAGED)


def test_line_ends_are_compared_as_git_stores_them(repo):
    """C21: with an eol attribute the file on disk differs in bytes, not in content."""
    repo.commit({".gitattributes": "*.txt text eol=crlf\n", "a.txt": "1\n2\n"})
    (repo.root / "a.txt").write_bytes(b"1\r\n2\r\n")
    assert facts(repo) == {}
    (repo.root / "b.txt").write_bytes(b"1\r\n2\r\n")
    _, snapshot = look(repo)
    ids = {path: oid for path, _, oid in tree_of(snapshot).entries}
    assert ids["b.txt"] == ids["a.txt"]


def test_own_folders_are_no_change(repo):
    repo.commit({"a": "1"})
    repo.write(
        {"gomanager-report/report.md": "1", "sub/.mage-x/x.jsonl": "1", "out/report.md": "1"}
    )
    found, snapshot = look(repo, own=("out",))
    assert (found.changes, found.dirty) == ((), False)
    assert [path for path, _, _ in tree_of(snapshot).entries] == ["a"]


def test_e9_ignored_go_files_are_read_and_named(repo):
    repo.commit({".gitignore": "gen.go\nbuild/\n", "a/a.go": "package a\n"})
    repo.write({"a/gen.go": "package a // generated\n", "build/x.o": "1"})
    found, snapshot = look(repo)
    assert found.ignored == ("a/gen.go",)
    assert (found.changes, found.dirty) == ((), False)
    assert "a/gen.go" in [path for path, _, _ in tree_of(snapshot).entries]
    assert content(repo, "a/gen.go") == b"package a // generated\n"


def test_a_repository_inside_that_is_no_submodule(repo, make):
    repo.commit({"a": "1"})
    inner = make("repo/inner")
    inner.commit({"x.go": "package x\n"})
    assert facts(repo) == {"inner/x.go": (Status.ADDED, Origin.UNTRACKED)}


def test_c22_a_submodule_pointer(repo, make):
    outer = make("outer")
    repo.commit({"a": "1"})
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repo.root), "sub")
    outer.commit()
    outer.git("checkout", "-q", "-b", "feat")
    head = repo.commit({"a": "2"})
    outer.git("-C", "sub", "fetch", "-q", str(repo.root), head)
    outer.git("-C", "sub", "checkout", "-q", head)
    assert facts(outer) == {"sub": (Status.MODIFIED, Origin.UNSTAGED)}
    outer.commit()
    assert facts(outer) == {"sub": (Status.MODIFIED, Origin.COMMITTED)}


def test_sparse_checkout_leaves_no_deletions(repo):
    """E12: files that are not on disk by wish are still part of the tree."""
    repo.commit({"a/x.go": "package a\n", "b/x.go": "package b\n"})
    repo.git("sparse-checkout", "set", "a")
    assert not (repo.root / "b").exists()
    assert facts(repo) == {}
    assert content(repo, "b/x.go") == b"package b\n"


def test_e12_partial_clone(repo, clone, tmp_path):
    """A missing blob is fetched; without the remote it is left out, and nothing breaks."""
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.commit({"a.go": "package a // 1\n", "b.go": "package b // 1\n"})
    repo.commit({"a.go": "package a // 2\n", "b.go": "package b // 2\n"})
    partial = clone(repo, "partial", "--filter=blob:none")
    found, snapshot = look(partial, ref="HEAD~1")
    old = {change.path: change.old.oid for change in found.changes}
    assert dict(snapshot.read([old["a.go"]])) == {old["a.go"]: b"package a // 1\n"}
    repo.root.rename(tmp_path / "gone")
    assert dict(snapshot.read([old["b.go"]])) == {}


def test_many_blobs_come_from_two_readers(repo):
    repo.commit({f"d{n % 7}/f{n}.go": f"package d // {n}\n" for n in range(450)})
    _, snapshot = look(repo)
    read = dict(snapshot.read(oid for _, _, oid in tree_of(snapshot).entries))
    assert {read[oid] for _, _, oid in tree_of(snapshot).entries} == {
        f"package d // {n}\n".encode() for n in range(450)
    }


def test_missing_objects_are_left_out(repo):
    repo.commit({"a": "1"})
    _, snapshot = look(repo)
    assert list(snapshot.read(["0" * 39 + "1"])) == []


def test_sha256_repositories(tmp_path, environ, make):
    repo = make()
    (tmp_path / "repo2").mkdir()
    repo.root = tmp_path / "repo2"
    repo.git("init", "-q", "-b", "main", "--object-format=sha256")
    repo.commit({"a": "1"})
    repo.write({"a": "2"})
    assert facts(repo) == {"a": (Status.MODIFIED, Origin.UNSTAGED)}
    assert content(repo, "a") == b"2"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(repo):
    repo.commit({"a": "1"})
    (repo.root / "b").write_text("1")
    (repo.root / "b").chmod(0)
    assert facts(repo) == {"b": (Status.ADDED, Origin.UNTRACKED)}


def test_a_dangling_link_and_a_pipe(repo):
    repo.commit({"a": "1"})
    (repo.root / "dangling").symlink_to("nowhere")
    os.mkfifo(repo.root / "pipe")
    assert facts(repo) == {"dangling": (Status.ADDED, Origin.UNTRACKED)}


def test_without_git_the_disk_tells(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x.go").write_text("package a\n")
    (tmp_path / "a/data.bin").write_bytes(b"\0")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "gomanager-report").mkdir()
    (tmp_path / "gomanager-report/report.md").write_text("x")
    snapshot = from_disk(tmp_path)
    listed = {path: (mode, oid) for path, mode, oid in tree_of(snapshot).entries}
    assert sorted(listed) == ["a/data.bin", "a/x.go", "link"]
    assert listed["link"][0] == 0o120000
    assert dict(snapshot.read([listed["a/x.go"][1]])) == {listed["a/x.go"][1]: b"package a\n"}
