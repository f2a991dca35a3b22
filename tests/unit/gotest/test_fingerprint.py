"""Fingerprints: T rows of the triage page, and equal failures under every Go release."""

import pytest
from recordings.recording import fold, recordings

from gomanager.gotest.asked import Asked
from gomanager.gotest.failure import race_failure
from gomanager.gotest.fingerprint import fingerprint, normalise, without_values
from gomanager.gotest.location import Places
from gomanager.gotest.races import races
from gomanager.results import Kind


def test_t1_addresses_durations_and_ids() -> None:
    text = (
        "dial tcp 127.0.0.1:41234: connect: connection refused after 1.2s "
        "(id 7f3a9c2e41d0, again 7f3a9c2e41d0)"
    )
    assert normalise(text) == (
        "dial tcp <ADDR1>: connect: connection refused after <DUR1> (id <HEX1>, again <HEX1>)"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("logic_test.go:530: found <nil>", "logic_test.go:531: found <nil>"),
        ("/tmp/TestX123456/001/file is gone", "/tmp/TestX987654/001/file is gone"),
        ("took 1m2.5s", "took 900µs"),
        ("at 2026-01-02T03:04:05Z", "at 2025-11-12T13:14:15.678Z"),
        ("goroutine 7 [running]", "goroutine 812 [running]"),
        ("panic: x [recovered, repanicked]", "panic: x [recovered]"),
        ("map[b:x a:y]", "map[a:y b:x]"),
        ("pod web-7f9c4d", "pod web-8b2e1a"),
        ("/home/a/src/m/p/x.go:3: no", "/ci/build/m/p/x.go:9: no"),
        ("1d0a8e3c-5b1f-4f6e-9a50-0123456789ab", "2e1b9f4d-6c2a-4a7f-8b61-abcdef012345"),
    ],
)
def test_what_changes_from_run_to_run_is_taken_out(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("status 500", "status 404"),
        ("HTTP/1.1 200", "HTTP/1.1 503"),
        ("expected code 201", "expected code 204"),
        ("a and a", "a and b"),
        ("0x1 meets 0x1", "0x1 meets 0x2"),
    ],
)
def test_what_tells_failures_apart_stays(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_many_placeholders_stay_as_they_are() -> None:
    once = normalise(" ".join(f"0x{i:x}" for i in range(1, 120)))
    assert once == normalise(once)
    assert "<HEX119>" in once


def test_t5_values_under_comparison_are_not_keyed() -> None:
    one, other = "expected 58 actual 59", "expected 12 actual 13"
    assert normalise(without_values(one)) == normalise(without_values(other))
    one, other = 'got "abc", want "x y"', 'got "q", want "zz"'
    assert normalise(without_values(one)) == normalise(without_values(other))


def test_t4_two_accesses_of_a_race_swapped() -> None:
    def report(first: str, second: str) -> str:
        return (
            "==================\nWARNING: DATA RACE\n"
            f"Write at 0x00c000012345 by goroutine 8:\n  m/p.{first}()\n      /m/p/x.go:3 +0x44\n\n"
            f"Previous read at 0x00c000012345 by goroutine 7:\n  m/p.{second}()\n"
            "      /m/p/x.go:9 +0x44\n==================\n"
        )

    places = Places(asked=Asked(), package="m/p")
    marks = {
        race_failure(race, places, "p").fingerprint
        for text in (report("touch", "look"), report("look", "touch"))
        for race in races(text)
    }
    assert len(marks) == 1


def test_the_form() -> None:
    mark = fingerprint(Kind.PANIC, "p", "TestA", "boom")
    kind, _, digits = mark.partition(":")
    assert kind == "panic"
    assert len(digits) == 8
    assert mark != fingerprint(Kind.PANIC, "q", "TestA", "boom")


def test_t3_one_program_under_every_release() -> None:
    """Before 1.27 the skip's text is the last line that looks like an error: S13 differs."""
    marks: dict[str, set[tuple[str, ...]]] = {}
    for one in recordings():
        found = fold(one)
        failures = [
            f for p in found.packages for c in p.cases for a in c.attempts for f in a.failures
        ]
        failures += [f for p in found.packages for a in p.attempts for f in a.failures]
        marks.setdefault(one.case, set()).add(tuple(f.fingerprint for f in failures))
    assert {case for case, found in marks.items() if len(found) > 1} == {"S13"}


def test_a_long_text_costs_what_its_length_allows() -> None:
    for text in ("x" * 2_000_000, "/a" * 500_000, "1" * 1_000_000, "\n" * 500_000):
        assert len(normalise(text)) <= 10_000
