"""Changed lines from a diff without context."""

from hypothesis import given
from hypothesis import strategies as st

from gomanager.git.hunks import parse


def test_counts_left_out_are_one_and_zero_is_removal_only():
    diff = (
        b"diff --git a/a.go b/a.go\n"
        b"--- a/a.go\n"
        b"+++ b/a.go\n"
        b"@@ -3 +3 @@ func A() {\n-x\n+y\n"
        b"@@ -9,2 +8,0 @@\n-x\n-y\n"
        b"@@ -20,0 +18,3 @@\n+a\n+b\n+c\n"
    )
    assert parse(diff) == {"a.go": (range(3, 4), range(18, 21))}


def test_lines_that_look_like_heads_belong_to_their_hunk():
    diff = (
        b"--- a/a.go\n+++ b/a.go\n"
        b"@@ -1 +1,2 @@\n--- a/x.go\n+++ b/x.go\n+@@ -1 +1 @@\n"
        b"\\ No newline at end of file\n"
        b"--- a/b.go\n+++ b/b.go\n@@ -0,0 +1 @@\n+x\n"
    )
    assert parse(diff) == {"a.go": (range(1, 3),), "b.go": (range(1, 2),)}


def test_c51_renamed_without_change_is_nothing():
    diff = b"diff --git a/a.go b/b.go\nsimilarity index 100%\nrename from a.go\nrename to b.go\n"
    assert parse(diff) == {}


def test_names_with_blanks_quotes_and_newlines():
    diff = (
        b"--- a/a b.go\t\n+++ b/a b.go\t\n@@ -1 +1 @@\n-x\n+y\n"
        b'--- "a/q\\"\\n\\t\\\\.go"\n+++ "b/q\\"\\n\\t\\\\.go"\n@@ -1 +1 @@\n-x\n+y\n'
        b"--- a/\xc3\xb6.go\n+++ b/\xc3\xb6.go\n@@ -1 +1 @@\n-x\n+y\n"
        b'--- "a/\\303\\266.go"\n+++ "b/\\303\\266\\001.go"\n@@ -1 +1 @@\n-x\n+y\n'
    )
    assert list(parse(diff)) == ["a b.go", 'q"\n\t\\.go', "ö.go", "ö\x01.go"]


@given(st.binary(max_size=300))
def test_any_bytes_are_parsed(data):
    parse(b"+++ b/a.go\n@@ -1,2 +3,4 @@\n" + data)
