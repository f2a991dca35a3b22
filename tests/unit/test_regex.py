"""Patterns that are compiled at their first use."""

import re

import pytest

from gomanager.regex import late


def test_a_late_pattern_does_what_the_pattern_does():
    pattern = late(r"^a(\d)$", re.MULTILINE)
    found = pattern.search("b\na1\n")
    assert found is not None
    assert found[1] == "1"
    assert pattern.sub("x", "a2") == "x"
    assert late(rb"\xff").search(b"\xff") is not None


def test_a_mistake_shows_at_the_first_use():
    broken = late("(")
    with pytest.raises(re.error):
        broken.search("")
