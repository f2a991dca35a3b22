"""Rows that belong to cases which are there from begin to end, and those that do not."""

import json

import pytest

from gomanager.gotest.nests import nests
from gomanager.gotest.rows import TEST, Row, rows


def line(action: str, case: str, **more: object) -> bytes:
    head = {"Time": "2026-01-05T09:00:01.5Z", "Action": action, "Package": "p", "Test": case}
    return json.dumps({**head, **more}, separators=(",", ":")).encode() + b"\n"


def begin(case: str) -> bytes:
    return line("run", case) + line("output", case, Output=f"=== RUN   {case}\n")


def end(case: str) -> bytes:
    frame = line("output", case, Output=f"--- PASS: {case} (0.00s)\n")
    return frame + line("pass", case, Elapsed=0)


def said(case: str) -> bytes:
    return line("output", case, Output="x\n")


def names(found: list[Row]) -> list[str]:
    return [row[TEST].decode() for row in found]


A, B, C = "TestA", "TestA/b", "TestC"
WHOLE = begin(B) + end(B)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (begin(A) + WHOLE + end(A), [[A, B]]),
        (begin(A) + WHOLE + said(A) + WHOLE + end(A), [[A, B, B]]),
        (end(C) + begin(A) + WHOLE + end(A) + begin(C), [[], [A, B], []]),
        (begin(A) + WHOLE, [[], [B]]),
        (begin(A) + begin(C) + end(A) + end(C), [[]]),
        (begin(A) + begin(C) + end(C) + end(A), [[], [C], []]),
        (begin(A) + WHOLE + line("skip", C, Elapsed=0) + end(A), [[], [B], []]),
        (begin(A) + said(C) + end(A), [[]]),
        (begin(A) + WHOLE + line("pass", A, Elapsed=0), [[], [B], []]),
    ],
    ids=["nested", "spoken between", "cut", "open", "crossed", "strange", "skip", "stray", "mute"],
)
def test_whole_cases(stream: bytes, expected: list[list[str]]) -> None:
    assert [names(list(one.begins)) for one in nests(rows(stream))] == expected


def test_a_case_around_another_ends_behind_it() -> None:
    (nest,) = nests(rows(begin(A) + WHOLE + end(A)))
    assert nest.around == {0}
    assert nest.until == [2, 1]
