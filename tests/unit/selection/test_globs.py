"""gitignore rules, each answer held against pathspec's.

Where a pattern takes a folder and a later one gives a file of it back, the two differ: for us the
last one decides, whatever it matched.
"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from gomanager.phases import inert_globs
from gomanager.selection.globs import matcher

ATOMS = ["a", "b", "ab", ".a", "*", "?", "*.md", "**", "a*", "[ab]", "[!a]", "x y"]
NAMES = ["a", "b", "ab", ".a", "c.md", "x y", "README.md"]


@pytest.mark.parametrize(
    ("globs", "path", "expected"),
    [
        (["*.md"], "a/b.md", True),
        (["/docs/**"], "docs/a/b", True),
        (["/docs/**"], "x/docs/a", False),
        (["docs/"], "x/docs/a", True),
        (["docs/"], "docs", False),
        (["*", "!*.go"], "a.go", False),
        (["!a", "a"], "a", True),
        (["a/**/b"], "a/b", True),
        (["a/**/b"], "a/x/y/b/c", True),
        ([".github/**", "!.github/env/**"], ".github/env/x", False),
        (["# note", "", "\\#x"], "#x", True),
        (["a b "], "a b", True),
        (["[", "x"], "x", True),
        ([], "x", False),
        (["*.md"], "new\nline.md", True),
    ],
)
def test_the_rules_of_gitignore(globs, path, expected):
    assert matcher(globs)(path) is expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "/"]),
            st.lists(st.sampled_from(ATOMS), min_size=1, max_size=3).map("/".join),
            st.sampled_from(["", "/"]),
        )
        .map("".join)
        # git takes "b/**/" for folders below b, pathspec for files too.
        .filter(lambda glob: not glob.endswith("**/")),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join),
)
def test_as_pathspec_says(globs, path):
    assert matcher(globs)(path) is GitIgnoreSpec.from_lines(globs).match_file(path)


def test_the_shipped_list_as_pathspec_says():
    ours, theirs = matcher(inert_globs()), GitIgnoreSpec.from_lines(inert_globs())
    root = Path(__file__).parents[3]
    paths = [path.relative_to(root).as_posix() for path in root.glob("*")]
    paths += [".github/workflows/ci.yml", ".github/env/x.env", "docs/a.md", "a/Dockerfile.dev"]
    paths += ["a/docs/x", "LICENSE", "a/LICENSE.txt", "sub/Makefile", "x.go", "p/testdata/a.json"]
    assert [path for path in paths if ours(path) is not theirs.match_file(path)] == []
