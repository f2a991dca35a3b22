"""The one line that tells how an example's output differs (S66)."""

import pytest

from gomanager.gotest.example import compared

LONG = "a line that is long enough to need more than one of these, and then some more\n"


@pytest.mark.parametrize(
    ("behind", "message"),
    [
        ("got:\na\nwant:\nb\n", "got “a”, want “b”"),
        ("text before\ngot:\na\nb\nwant:\na\n", "got “a b”, want “a”"),
        (f"got:\n{LONG}x\nwant:\n{LONG}y\n", "line 2 of the output: got “x”, want “y”"),
        (f"got:\n{LONG}want:\n{LONG}y\n", "line 2 of the output: got no more lines, want “y”"),
        ("got:\nb\na\nwant (unordered):\na\nc\n", "got “a b”, want “a c”"),
        (
            f"got:\nz\n{LONG}want (unordered):\n{LONG}y\n",
            "line 2 of the sorted output: got “z”, want “y”",
        ),
        ("got:\nnothing behind", "got “nothing behind”"),
    ],
)
def test_s66_the_first_line_that_differs(behind: str, message: str) -> None:
    found = compared(behind)
    assert found is not None
    assert found[0] == message
    assert found[1] == behind[behind.index("got:") :].rstrip("\n")


def test_s66_no_output_is_compared() -> None:
    assert compared("panic: forgot: want:\n") is None
