"""The catalogue of the stream: every case, every Go release, the same conclusions.

Recordings and their projects lie in tests/recordings; each row says verdict and exit code, then
each package with its result and its cases.
"""

import pytest
from recordings.recording import Recording, asked, fold, recordings, spelled

from gomanager.gotest.verdict import judge

EXPECTED: dict[str, tuple[str, ...]] = {
    "S1": ("red 1", "a pass: TestA pass (fold), TestA/x pass", "b fail: TestA fail (assertion)"),
    "S4": ("green 0", "p pass: TestLooks pass, TestOther pass"),
    "S4crash": ("red 1", "p fail: TestQuotes pass, TestFails fail (assertion)"),
    "S5": ("red 1", "p fail: TestMarked fail (unknown), TestAfter pass"),
    "S5skip": ("green 0", "p pass: TestOther pass"),
    "S6": ("red 1", "p fail: TestA pass, TestB fail (assertion), TestC pass"),
    "S6false": ("red 1", "p fail: TestB fail (assertion), TestA not_run"),
    "S6quiet": ("red 1", "p hollow (exit): TestA not_run"),
    "S7": ("red 1", "p fail: TestA pass, TestB fail (assertion)"),
    "S9": ("red 1", "p fail: TestA fail (assertion)"),
    "S12": (
        "red 1",
        "p fail: TestA fail (fold), TestA/with_space pass, TestA/#00 pass, TestA/same pass, TestA/same#01 pass, TestA/a/b fail (fold), TestA/a/b/c fail (assertion), TestA/bell\\a pass",
    ),
    "S13": (
        "red 1",
        "p fail: TestPass pass, TestFail fail (assertion), TestSkip skip, TestErrorThenSkip fail (assertion)",
    ),
    "S13goroutine": ("red 1", "p fail: TestFatal fail (assertion), TestFailNow fail (unknown)"),
    "S14": ("red 1", "p fail: TestA fail (fold), TestA/bad fail (assertion), TestA/good pass"),
    "S15": ("red 1", "p fail: TestA fail (assertion), TestA/bad fail (assertion), TestA/good pass"),
    "S15cleanup": (
        "red 1",
        "p fail: TestSub fail (fold), TestSub/a pass, TestSub/b fail (assertion), TestSub/c pass, TestParent fail (assertion), TestParent/fine pass",
    ),
    "S16": ("red 1", "p fail: TestA fail (assertion), TestB pass"),
    "S17": ("red 1", "p died: TestBefore pass, TestPanic fail (panic), TestAfter not_run"),
    "S17again": ("red 1", "p died: TestPanic fail (panic)"),
    "S18": ("red 1", "p died: TestBefore pass, TestStarts fail (panic), TestAfter not_run"),
    "S18leaked": ("red 1", "p died: TestLeaks fail (panic), TestInnocent unknown"),
    "S18main": ("red 1", "p died (panic): TestInnocent unknown"),
    "S18signal": ("red 1", "p died: TestBefore pass, TestSignal fail (panic)"),
    "S18parallel": ("red 1", "p died: TestGuilty fail (panic), TestInnocent unknown"),
    "S19": (
        "red 1",
        "p died: TestA fail (fold), TestA/calm unknown, TestA/wild fail (panic), TestAfter not_run",
    ),
    "S20": ("red 1", "p died: TestBefore pass, TestExits fail (exit), TestAfter not_run"),
    "S20closed": ("red 1", "p died: TestCloses fail (exit), TestFails not_run"),
    "S20parallel": ("red 1", "p died (exit): TestA unknown, TestB unknown"),
    "S20sub": ("red 1", "p died: TestA unknown (fold), TestA/one pass, TestA/two fail (exit)"),
    "S21": ("red 1", "p died: TestExits fail (panic), TestAfter not_run"),
    "S22": ("red 1", "p died: TestLeaves fail (panic), TestAfter not_run"),
    "S23": (
        "red 1",
        "p fail: TestParent fail (fold), TestParent/first fail (assertion), TestAfter pass",
    ),
    "S24": ("red 1", "p fail: TestParent fail (fold), TestParent/first fail (assertion)"),
    "S25": ("green 0", "p pass: TestLogs pass, TestOther pass, TestLast pass"),
    "S26": ("red 1", "p late: TestA fail (panic)"),
    "S27": ("red 1", "p died: TestA fail (panic), TestB unknown"),
    "S28": ("red 1", "p fail: TestPrints pass, TestSleeps pass, TestFails fail (assertion)"),
    "S29": (
        "red 1",
        "p died: TestBefore pass, TestA unknown (fold), TestA/quick pass, TestA/hangs fail (timeout), TestAfter not_run",
    ),
    "S29sub": (
        "red 1",
        "p died: TestA unknown (fold), TestA/group unknown (fold), TestA/group/hangs fail (timeout), TestA/group/quick pass, TestA/group/hangs#01 fail (timeout), TestAfter not_run",
    ),
    "S30": ("red 1", "p died: TestA fail (timeout), TestB not_run"),
    "S31": ("red 1", "p late (timeout): TestA pass"),
    "S32": (
        "red 1",
        "p died: TestA pass, TestStuck unknown (fold), TestStuck/here fail (deadlock), TestAfter not_run",
    ),
    "S33": ("red 1", "p died: TestBubble fail (deadlock), TestAfter not_run"),
    "S34": ("red 1", "p fail: TestGuilty pass, TestInnocent fail (race)"),
    "S35": ("red 1", "p fail: TestA fail (race), TestB fail (race)"),
    "S36": ("red 1", "p late (race): TestA pass"),
    "S36inside": ("red 1", "p fail: TestRacy fail (race), TestCalm pass"),
    "S37": ("red 1", "p died (killed): TestBefore pass, TestKilled unknown"),
    "S38": (
        "red 1",
        "a died (killed): TestDone pass, TestLong unknown",
        "b missing: TestNever not_run",
    ),
    "S39": ("red 1", "p late (orphan): TestA pass"),
    "S40": ("green 0", "p pass: TestA pass"),
    "S41": ("red 1", "p died (exit): TestA not_run"),
    "S41init": ("red 1", "p died (panic): TestA not_run"),
    "S42": ("red 1", "p late (exit): TestA pass"),
    "S42panic": ("red 1", "p late (panic): TestA pass"),
    "S43": ("red 1", "p hollow (exit): TestA not_run"),
    "S43goroutine": ("red 1", "p died (panic): TestA unknown"),
    "S43init": ("red 1", "p hollow (exit): TestA not_run"),
    "S43print": ("red 1", "p hollow (exit): TestA not_run"),
    "S44": ("red 1", "p masked (exit): TestA fail (assertion)"),
    "S44defer": ("red 1", "p masked (exit): TestA fail (assertion)"),
    "S45": ("green 0", "p pass: TestA pass+pass"),
    "S45fails": ("red 1", "p masked (exit): TestA fail+pass (assertion)"),
    "S46": ("red 1", "a build (build): TestA not_run", "b pass: TestB pass"),
    "S46dep": (
        "red 1",
        "a build (build): TestA not_run",
        "b build (build): TestB not_run",
        "dep build (build)",
    ),
    "S47": ("red 1", "p vet (vet): TestA not_run"),
    "S48": ("red 1", "p setup (setup): TestA not_run"),
    "S48constraints": ("red 1", "p setup (setup)"),
    "S48missing": ("red 1", "p setup (setup): TestA not_run"),
    "S51": ("red 1", "./nothing/... setup (setup)", "p pass: TestA pass"),
    "S51single": ("red 1", "./nothing setup (setup)", "p pass: TestA pass"),
    "S52absent": ("red 1", "./... setup (setup)", "p missing: TestA not_run"),
    "S52flag": ("error 2", "p missing: TestA not_run"),
    "S52mod": ("red 1", "p setup (setup): TestA not_run"),
    "S52new": ("error 3", "p missing: TestA not_run"),
    "S52sum": ("red 1", "p setup (setup): TestA not_run"),
    "S53": ("error 2", "p died (exit)"),
    "S54": ("red 1", "example.com/m empty", "p missing: TestA not_run"),
    "S55": ("nothing 0", "p empty"),
    "S55cover": ("nothing 0", "p empty"),
    "S56": ("nothing 0", "p empty"),
    "S57": ("green 0", "p pass: TestA pass, TestB pass (fold), TestB/x pass"),
    "S58": ("red 1", "a fail: TestA fail (assertion), TestB not_run", "b missing: TestB not_run"),
    "S59": ("green 0", "p pass: TestA pass"),
    "S60": ("red 1", "p fail: TestA pass+fail (assertion), TestB pass+pass"),
    "S61": ("green 0", "p pass: TestB pass, TestA pass, TestC pass"),
    "S62": ("red 1", "p fail: FuzzX fail (fold), FuzzX/seed#0 pass, FuzzX/seed#1 fail (assertion)"),
    "S63": ("red 1", "p fail: TestA pass, FuzzX fail (assertion)"),
    "S64": (
        "green 0",
        "p pass: TestA pass, BenchmarkFast pass, BenchmarkSub pass (fold), BenchmarkSub/one pass, BenchmarkSkipped skip",
    ),
    "S64fails": ("red 1", "p fail: BenchmarkBad fail (assertion), BenchmarkGood pass"),
    "S64panic": (
        "red 1",
        "p died: TestA pass, BenchmarkFine pass, BenchmarkPanics unknown (fold), BenchmarkPanics/sub fail (panic)",
    ),
    "S65": ("nothing 0", "p empty"),
    "S66": ("red 1", "p fail: Example_good pass, Example_bad fail (assertion)"),
    "S66odd": ("red 1", "p died: Example_frames fail (assertion), Example_panics fail (panic)"),
    "S67": ("green 0", "p pass: TestA pass"),
    "S68": ("green 0", "p pass: TestA pass, TestB pass"),
    "S69": ("nothing 0", "p pass: TestA pass (fold), TestA/one skip, TestA/two skip"),
    "S74": ("red 1", "p fail: TestX pass+fail (assertion)"),
    "S80": ("green 0", "p pass: TestBlock pass, TestAfter pass"),
    "S80esc": ("green 0", "p pass: TestEscape pass, TestAfter pass"),
    "S81": ("red 1", "p died (exit): TestBefore pass, TestLeaves unknown, TestAfter not_run"),
    "S81closed": ("red 1", "p died (exit): TestCloses unknown, TestAfter not_run"),
    "S81exec": ("red 1", "p died (exit): TestBecomes unknown, TestAfter not_run"),
    "S82": ("green 0", "p pass: TestA pass"),
    "S83": ("red 1", "p fail: TestX fail+pass (assertion)"),
    "S84cycle": ("red 1", "a setup (setup): TestA not_run", "b setup (setup)"),
    "S84embed": ("red 1", "p setup (setup): TestA not_run"),
    "S84replace": ("red 1", "p setup (setup): TestA not_run"),
    "S84signature": ("red 1", "p setup (setup): TestA not_run"),
    "S84syntax": ("red 1", "p build (build): TestA not_run"),
    "S84two": ("red 1", "p setup (setup): TestA not_run"),
    "S84vet": ("red 1", "p vet (vet): TestA not_run"),
}
RECORDED = recordings()


@pytest.mark.parametrize("recording", RECORDED, ids=str)
def test_case(recording: Recording) -> None:
    found = fold(recording)
    judgement = judge(found)
    said = (f"{judgement.verdict} {judgement.exit_code}", *map(spelled, found.packages))
    assert EXPECTED[recording.case] == said


def test_every_row_is_recorded_under_the_newest_releases() -> None:
    for release in ("1.26", "1.27"):
        assert set(EXPECTED) == {r.case for r in RECORDED if r.go == release}


MESSAGES = {
    "S13goroutine": "from a goroutine",
    "S17again": "the second",
    "S18main": "the server of TestMain broke",
    "S18signal": "SIGSEGV: segmentation violation",
}


@pytest.mark.parametrize("recording", [r for r in RECORDED if r.case in MESSAGES], ids=str)
def test_message(recording: Recording) -> None:
    (package,) = fold(recording).packages
    of_cases = [f for case in package.cases for a in case.attempts for f in a.failures]
    found = [*of_cases, *package.attempts[0].failures]
    assert found[0].message == MESSAGES[recording.case]


@pytest.mark.parametrize("recording", RECORDED, ids=str)
def test_blocks_of_any_size_give_the_same_fold(recording: Recording) -> None:
    whole = fold(recording)
    for size in (1, 7, 4096):
        if size > 1 or len(recording.stream) < 20_000:
            assert whole == fold(recording, block=size)


@pytest.mark.parametrize("recording", RECORDED, ids=str)
def test_no_red_exit_is_ever_green(recording: Recording) -> None:
    """S10: the stream is cut at any line, and the process did not leave with 0."""
    lines = recording.stream.splitlines(keepends=True)
    for cut in range(0, len(lines), max(1, len(lines) // 12)):
        part = Recording(
            case=recording.case,
            go=recording.go,
            exit_code=recording.exit_code or 1,
            stderr="",
            argv=recording.argv,
            stream=b"".join(lines[:cut]),
        )
        assert judge(fold(part, asked(recording.case))).exit_code != 0
