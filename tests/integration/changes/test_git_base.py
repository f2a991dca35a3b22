"""Which commit is the base: E1–E7 of the catalogue and the vendors' ways of checking out."""

import pytest

from gomanager.errors import UsageError
from gomanager.git.base import Wanted, resolve
from gomanager.git.change import Base, NoBase
from gomanager.git.changes import collect

pytestmark = pytest.mark.integration


def paths(repo, **wanted):
    found, _ = collect(repo.discover(), Wanted(**wanted))
    return [change.path for change in found.changes]


@pytest.fixture
def branched(repo):
    """main has one commit more than the branch ``feat`` was cut from; feat is checked out."""
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "feat")
    repo.commit({"b": "1"})
    repo.git("checkout", "-q", "main")
    repo.commit({"c": "1"})
    repo.git("checkout", "-q", "feat")
    return repo


def test_e1_a_branch_is_compared_with_the_merge_base(branched):
    base, default = resolve(branched.discover(), Wanted())
    assert isinstance(base, Base)
    assert base.commit == branched.git("merge-base", "main", "feat")
    assert (base.ref, default) == ("main", False)
    assert paths(branched) == ["b"]


def test_e3_the_base_merged_into_the_branch_is_not_the_change(branched):
    branched.git("merge", "-q", "--no-edit", "main")
    branched.commit({"d": "1"})
    assert paths(branched) == ["b", "d"]


def test_e2_the_merge_that_ci_announces(branched):
    branched.git("checkout", "-q", "--detach", "main")
    branched.git("merge", "-q", "--no-ff", "--no-edit", "feat")
    head = branched.git("rev-parse", "HEAD")
    assert paths(branched, announced=head, target="main", ci=True) == ["b"]


def test_e2_a_branch_head_that_is_a_merge_is_no_announced_one(branched):
    branched.git("merge", "-q", "--no-edit", "main")
    head = branched.git("rev-parse", "HEAD")
    other = branched.git("rev-parse", "HEAD^1")
    assert paths(branched, announced=other, target="main", ci=True) == ["b"]
    assert paths(branched, target="main", commits=(head,), ci=True) == ["b"]


def test_e4_the_union_over_all_merge_bases(repo):
    """A criss-cross merge has two merge bases."""
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "feat")
    left = repo.commit({"b": "1"})
    repo.git("checkout", "-q", "main")
    right = repo.commit({"c": "1"})
    repo.git("merge", "-q", "--no-edit", left)
    repo.git("checkout", "-q", "feat")
    repo.git("merge", "-q", "--no-edit", right)
    repo.commit({"d": "1"})
    base, _ = resolve(repo.discover(), Wanted())
    assert isinstance(base, Base)
    assert {base.commit, *base.others} == {left, right}
    assert paths(repo) == ["b", "c", "d"]


def test_e5_a_push_to_main(repo):
    first = repo.commit({"a": "1"})
    repo.commit({"b": "1"})
    repo.commit({"c": "1"})
    repo.git("checkout", "-q", "--detach")
    assert paths(repo, branch="main", before=first, ci=True) == ["b", "c"]
    second = repo.git("rev-parse", "HEAD~1")
    assert paths(repo, branch="main", before=second, last_green=first, ci=True) == ["b", "c"]


def test_e5_a_forced_push_is_unknown(repo):
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "lost")
    lost = repo.commit({"b": "1"})
    repo.git("checkout", "-q", "main")
    repo.commit({"c": "1"})
    base, default = resolve(repo.discover(), Wanted(branch="main", before=lost, ci=True))
    assert isinstance(base, NoBase)
    assert default


def test_before_does_not_count_on_another_branch(branched):
    """The commits before the last push are the branch's work too."""
    before = branched.git("rev-parse", "HEAD")
    branched.commit({"d": "1"})
    assert paths(branched, before=before, ci=True) == ["b", "d"]


def test_e6_no_commit(repo):
    repo.write({"a.go": "package a\n"})
    base, default = resolve(repo.discover(), Wanted())
    assert (base, default) == (NoBase(reason="the repository has no commit yet"), True)
    assert paths(repo) == ["a.go"]


def test_e7_unrelated_histories(repo):
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit({"b": "1"})
    base, _ = resolve(repo.discover(), Wanted())
    assert isinstance(base, NoBase)
    assert "no common history" in base.reason


def test_e7_shallow_without_a_base(branched, clone):
    branched.git("checkout", "-q", "main")
    shallow = clone(branched, "shallow", "--depth=1", "--no-single-branch", "-b", "feat")
    base, _ = resolve(shallow.discover(), Wanted())
    assert isinstance(base, NoBase)
    assert "shallow" in base.reason
    assert "--unshallow" in (base.fix or "")


def test_e7_ci_deepens(branched, clone):
    shallow = clone(branched, "shallow", "--depth=1")
    wanted = Wanted(target="main", ci=True, deepen="set `fetch-depth: 0` on actions/checkout")
    base, _ = resolve(shallow.discover(), wanted)
    assert isinstance(base, Base)
    assert base.commit == branched.git("merge-base", "main", "feat")


def test_e7_ci_deepens_for_an_announced_merge(branched, clone):
    branched.git("checkout", "-q", "-B", "merge", "main")
    branched.git("merge", "-q", "--no-ff", "--no-edit", "feat")
    shallow = clone(branched, "shallow", "--depth=1")
    head = shallow.git("rev-parse", "HEAD")
    assert paths(shallow, announced=head, target="main", ci=True) == ["b"]


def test_e7_ci_without_its_remote(branched, clone, tmp_path):
    shallow = clone(branched, "shallow", "--depth=1")
    branched.root.rename(tmp_path / "gone")
    base, _ = resolve(shallow.discover(), Wanted(target="main", ci=True, deepen="set depth"))
    assert isinstance(base, NoBase)
    assert base.fix == "set depth"


def test_a_target_commit_from_the_event(branched):
    main = branched.git("rev-parse", "main")
    assert paths(branched, commits=(main,), ci=True) == ["b"]


def test_a_local_default_branch_ahead_of_its_remote(repo, clone):
    repo.commit({"a": "1"})
    copy = clone(repo, "copy")
    copy.commit({"b": "1"})
    base, default = resolve(copy.discover(), Wanted())
    assert isinstance(base, Base)
    assert (base.ref, default) == ("origin/main", True)
    assert paths(copy) == ["b"]


def test_a_remote_of_another_name_and_a_default_of_another_name(make, clone):
    source = make("source", branch="trunk")
    source.commit({"a": "1"})
    copy = clone(source, "copy", "--origin=upstream")
    copy.git("checkout", "-q", "-b", "feat")
    copy.commit({"b": "1"})
    base, _ = resolve(copy.discover(), Wanted())
    assert isinstance(base, Base)
    assert base.ref == "upstream/trunk"
    assert paths(copy) == ["b"]


def test_the_only_branch_is_the_default(make):
    repo = make("source", branch="trunk")
    repo.commit({"a": "1"})
    base, default = resolve(repo.discover(), Wanted())
    assert isinstance(base, Base)
    assert (base.ref, default) == ("trunk", True)


def test_no_default_branch(make):
    repo = make("source", branch="one")
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "two")
    base, _ = resolve(repo.discover(), Wanted())
    assert isinstance(base, NoBase)


def test_a_detached_part_of_main_counts_as_main(branched):
    branched.git("checkout", "-q", "--detach", "main~1")
    _, default = resolve(branched.discover(), Wanted())
    assert default


@pytest.mark.parametrize("ref", ["nope", "", "-x", "--all", "main..feat", "a\0b", "HEAD:b"])
def test_an_explicit_base_that_is_no_commit_is_a_usage_error(branched, ref):
    with pytest.raises(UsageError, match="unknown base"):
        resolve(branched.discover(), Wanted(ref=ref))


def test_an_explicit_base_with_a_slip_gets_a_suggestion(branched):
    with pytest.raises(UsageError) as caught:
        resolve(branched.discover(), Wanted(ref="mian"))
    assert caught.value.fix == "did you mean 'main'?"


def test_an_explicit_base_may_be_a_tag_or_an_expression(branched):
    branched.git("tag", "-a", "-m", "x", "v1", "main")
    assert paths(branched, ref="v1") == ["b"]
    assert paths(branched, ref="HEAD~1") == ["b"]
    assert paths(branched, ref="HEAD") == []


def test_a_clone_of_one_branch_does_not_take_it_for_the_default(branched, clone):
    branched.git("checkout", "-q", "main")
    copy = clone(branched, "copy", "--single-branch", "-b", "feat")
    copy.write({"x": "1"})
    base, default = resolve(copy.discover(), Wanted())
    assert isinstance(base, NoBase)
    assert not default
    assert paths(copy, branch="feat", ci=True) == ["b", "x"]


def test_e5_ci_deepens_for_the_commit_before_the_push(repo, clone):
    first = repo.commit({"a": "1"})
    repo.commit({"b": "1"})
    repo.commit({"c": "1"})
    shallow = clone(repo, "shallow", "--depth=1")
    assert paths(shallow, branch="main", before=first, ci=True) == ["b", "c"]


def test_the_settings_may_name_the_base(branched):
    branched.git("branch", "develop", "feat~1")
    base, default = resolve(branched.discover(), Wanted(configured="develop"))
    assert isinstance(base, Base)
    assert (base.ref, default) == ("develop", False)
    branched.git("checkout", "-q", "develop")
    assert resolve(branched.discover(), Wanted(configured="develop"))[1]
