"""What every store must answer, over a real SQLite file."""

import json
from datetime import timedelta

import pytest
from msgspec.structs import replace

from gomanager.results import Kind, Outcome, PackageOutcome, Purpose, Verdict
from gomanager.store.codes import OUTCOMES, PACKAGE_OUTCOMES, PURPOSES, VERDICTS
from gomanager.store.habit import Habit
from gomanager.store.protocol import CaseKey, PackageKey

PASS, FAIL, SKIP, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.SKIP, Outcome.UNKNOWN
A = "example.com/m/a"


def test_codes_are_for_ever():
    assert [str(word) for word in OUTCOMES] == ["pass", "fail", "skip", "not_run", "unknown"]
    assert [str(word) for word in PURPOSES] == ["first", "rerun", "stress", "search"]
    kinds = "pass fail empty build vet setup died late hollow masked missing"
    assert [str(word) for word in PACKAGE_OUTCOMES] == kinds.split()
    verdicts = "green red nothing error interrupted not_run"
    assert [str(word) for word in VERDICTS] == verdicts.split()


@pytest.mark.parametrize("enum", [OUTCOMES, PURPOSES, PACKAGE_OUTCOMES, VERDICTS])
def test_every_word_has_a_code(enum):
    assert set(type(enum[0])) == set(enum)


def test_a_phase_result_is_stored_once(store, build):
    run = build.run()
    phase = build.phase(build.package(A, build.case("TestA")))
    assert store.add(run, phase)
    assert not store.add(run, phase)
    assert store.add(run, phase, attempt_key="2")
    assert [len(past.phases) for past in store.runs()] == [2]
    assert store.verify() == ()


def test_a_run_is_known_from_its_start_to_its_end(store, build):
    run = build.run(duration_ms=1234, ci="github", dirty=True, base="b" * 40)
    store.begin(run)
    (begun,) = store.runs()
    assert (begun.uid, begun.verdict, begun.duration_ms) == (run.uid, None, None)
    store.add(run, build.phase(build.package(A, build.case("TestA", FAIL))))
    store.finish(replace(run, verdict=Verdict.RED, scope_mode="selected"), b'{"a":1}')
    (ended,) = store.runs()
    assert (ended.verdict, ended.duration_ms, ended.ci) == (Verdict.RED, 1234, "github")
    assert (ended.started, ended.dirty, ended.base) == (run.started, True, "b" * 40)
    assert (ended.counts.failed, ended.red_phases) == (1, ("unit-race",))
    assert ended.scope_mode == "selected"


def test_runs_are_listed_newest_first_and_by_branch(store, build):
    for number, branch in enumerate(["main", "topic", "main", None], 1):
        store.begin(build.run(number, branch=branch))
    assert [int(run.uid, 16) for run in store.runs()] == [4, 3, 2, 1]
    assert [int(run.uid, 16) for run in store.runs(limit=2)] == [4, 3]
    assert [int(run.uid, 16) for run in store.runs(branch="main")] == [3, 1]


def test_documents_come_back_byte_for_byte(store, build):
    assert store.document() is None
    body = json.dumps({"text": "é\u2028" * 1000}).encode()
    store.finish(build.run(1), b"{}")
    store.finish(build.run(2), body)
    store.begin(build.run(3))
    newest = store.document()
    assert (newest.body, newest.schema) == (body, "gomanager.report/1")
    assert store.document(build.run(1).uid).body == b"{}"
    assert store.document(build.run(3).uid) is None
    assert store.document("f" * 32) is None


def test_a_run_is_found_by_the_beginning_of_its_uid(store, build):
    for number in (0xA1 << 120, 0xA2 << 120, 0xB << 124):
        store.begin(build.run(1, uid=f"{number:032x}"))
    assert [uid[:2] for uid in store.matching("a")] == ["a2", "a1"]
    assert [uid[:2] for uid in store.matching("A1")] == ["a1"]
    assert store.matching("c") == store.matching("%") == ()


def test_every_attempt_is_kept_with_commit_variant_duration_and_text(store, build):
    run = build.run(1, commit="d" * 40)
    case = build.case("TestA/sub", FAIL, PASS, ms=42, text="want 1, got 2")
    store.add(run, build.phase(build.package(A, case)))
    first, second = store.history("TestA/sub")
    assert (first.outcome, first.purpose, first.attempt) == (FAIL, Purpose.FIRST, 1)
    assert (second.outcome, second.purpose, second.attempt) == (PASS, Purpose.RERUN, 2)
    assert (first.commit, first.variant) == ("d" * 40, build.variant.key)
    assert (first.duration_ms, first.message) == (42, "want 1, got 2")
    assert second.message is None


def test_history_narrows_by_package_and_phase(store, build):
    for number, (path, phase) in enumerate([(A, "unit"), (A, "net"), (A + "/b", "unit")], 1):
        package = build.package(path, build.case("TestA"))
        store.add(build.run(number), build.phase(package, name=phase))
    assert len(store.history("TestA")) == 3
    assert len(store.history("TestA", package=A)) == 2
    assert len(store.history("TestA", package=A, phase="net")) == 1
    assert len(store.history("TestA", limit=2)) == 2
    assert store.history("TestB") == ()


def test_a_cached_package_makes_no_attempts(store, build):
    """S57: a cached package replays old events with new times."""
    package = build.package(A, build.case("TestA"), cached=True, ms=7)
    store.add(build.run(), build.phase(package))
    assert store.history("TestA") == ()
    assert store.times().packages == {}
    assert store.runs()[0].counts.passed == 1
    assert store.verify() == ()


def test_sums_count_what_is_counted(store, build):
    clean, dirty = build.run(1), build.run(2, dirty=True)
    cases = (
        build.case("TestFlaky", FAIL, PASS),
        build.case("TestRed", FAIL, FAIL, FAIL),
        build.case("TestParent", FAIL, fold=True),
        build.case("TestSkip", SKIP),
    )
    phase = build.phase(build.package(A, *cases))
    store.add(clean, phase)
    store.add(dirty, phase)
    stats = {key.name: value for key, value in store.stats("unit-race").items()}
    assert set(stats) == {"TestFlaky", "TestRed"}
    flaky, red = stats["TestFlaky"], stats["TestRed"]
    assert (flaky.n, flaky.f, flaky.flakes, flaky.reruns) == (1, 1, 2, 2)
    assert (red.n, red.f, red.flakes, red.reruns) == (1, 1, 0, 4)
    assert store.verify() == ()


def test_two_outcomes_in_one_process_are_no_flake(store, build):
    """S83: one name several times in one process; only a fresh process makes a flake."""
    attempts = tuple(
        build.attempt(outcome, n=n, process=1) for n, outcome in enumerate((FAIL, PASS), 1)
    )
    case = build.case("TestA", attempts=attempts)
    store.add(build.run(), build.phase(build.package(A, case)))
    (stats,) = store.stats("unit-race").values()
    assert stats.flakes == 0


def test_doubled_names_and_numbers_are_stored_all_the_same(store, build):
    """S72, S83: foreign streams number as they like; nothing may be refused for it."""
    twice = tuple(build.attempt(PASS, n=1, process=p) for p in (1, 2))
    package = build.package(A, build.case("TestA", attempts=twice), build.case("TestA"))
    store.add(build.run(), build.phase(package, package))
    assert [past.attempt for past in store.history("TestA")] == [1, 2, 3, 4, 5, 6]
    assert store.verify() == ()


def test_odd_names_and_numbers(store, build):
    """S12: identity is the exact string."""
    names = ["TestA/#00", "TestA/a/b", "TestA/ü\x16", "TestA/\u2028", "TestA/'; DROP TABLE runs"]
    cases = [build.case(name, ms=10**30) for name in names]
    package = build.package(A, *cases, ms=-5, seed=2**70)
    store.add(build.run(), build.phase(package))
    for name in names:
        (past,) = store.history(name)
        assert past.duration_ms == 2**40
    assert store.verify() == ()


def test_lone_surrogates_do_not_stop_the_store(store, build):
    case = build.case("TestA", FAIL, text="bad \udc80 byte")
    store.add(build.run(), build.phase(build.package(A, case)))
    assert store.history("TestA")[0].message == "bad ? byte"


def test_a_phase_that_did_not_run_is_remembered(store, build):
    phase = build.phase(verdict=Verdict.NOT_RUN, variant=None, not_run="needs docker", started=None)
    assert store.add(build.run(), phase)
    assert not store.add(build.run(), phase)
    (stored,) = store.runs()[0].phases
    assert (stored.verdict, stored.variant) == (Verdict.NOT_RUN, "")


class TestNewest:
    def test_red_in_ci_asks_the_newest_ci_run_of_the_branch(self, store, build):
        red = build.phase(build.package(A, build.case("TestA", FAIL)), name="network")
        green = build.phase(build.package(A, build.case("TestA")), name="network")
        assert store.red_in_ci("topic") == ()
        store.add(build.run(1), red)
        assert store.red_in_ci("topic") == ("network",)  # no CI run: the newest one
        store.add(build.run(2, ci="github"), red)
        store.add(build.run(3), green)
        store.add(build.run(4, ci="github", branch="other"), green)
        assert store.red_in_ci("topic") == ("network",)
        assert store.red_in_ci("other") == ()
        store.add(build.run(5, ci="github"), green)
        assert store.red_in_ci("topic") == ()
        assert store.red_in_ci("topic", beside=build.run(5, ci="github").uid) == ("network",)

    def test_a_run_without_a_phase_is_not_the_newest(self, store, build):
        store.add(build.run(1), build.phase(build.package(A, build.case("TestA"))))
        store.begin(build.run(2))
        assert int(store.newest().uid, 16) == 1


class TestTimes:
    KEY = PackageKey("example.com/m", A)

    def test_the_usual_time_is_the_median_of_the_newest_twenty(self, store, build):
        for number in range(1, 31):
            ms = 1000 if number <= 10 else number
            package = build.package(A, build.case("TestA", ms=ms), ms=ms)
            store.add(build.run(number), build.phase(package))
        usual = store.times([build.variant]).packages["unit-race", self.KEY]
        assert (usual.ms, usual.n) == (20, 20)
        case = CaseKey(*self.KEY, "TestA")
        times = store.case_times("unit-race", build.variant, [case, CaseKey("", "", "TestB")])
        assert {key: (t.ms, t.n) for key, t in times.items()} == {case: (20, 20)}

    def test_failures_and_other_variants_do_not_count(self, store, build):
        store.add(build.run(1), build.phase(build.package(A, build.case("TestA", FAIL), ms=9)))
        assert store.times().packages == {}
        other = replace(build.variant, race=False)
        package = build.package(A, build.case("TestA"), ms=9)
        store.add(build.run(2), build.phase(package, variant=other))
        assert store.times([build.variant]).packages == {}
        assert store.times([other]).packages["unit-race", self.KEY].ms == 9

    def test_fallbacks(self, store, build):
        """Another phase, then the median of known ones, then nothing."""
        assert store.times().package_ms("unit-race", self.KEY) is None
        packages = [build.package(f"{A}/{n}", build.case("TestA"), ms=n) for n in (10, 20, 90)]
        store.add(build.run(1), build.phase(*packages))
        times = store.times([build.variant])
        assert times.package_ms("unit-race", PackageKey("example.com/m", f"{A}/90")) == 90
        assert times.package_ms("full-race", PackageKey("example.com/m", f"{A}/90")) == 90
        assert times.package_ms("unit-race", self.KEY) == 20
        assert times.package_ms("network", self.KEY) == 20


class TestKnownCases:
    KEY = PackageKey("example.com/m", A)

    def known(self, store, build, **given):
        return store.known_cases("unit-race", build.variant, [self.KEY], **given).get(self.KEY)

    def add(self, store, build, number, *names, phase=None, **given):
        package = build.package(A, *(build.case(name) for name in names), **given)
        store.add(build.run(number), build.phase(package, **(phase or {})))

    def test_two_passing_complete_attempts_agree(self, store, build):
        self.add(store, build, 1, "TestA", "TestA/x", "TestA/port_8123")
        assert self.known(store, build) is None
        self.add(store, build, 2, "TestA", "TestA/x", "TestA/port_9001", "TestB")
        assert self.known(store, build) == {"TestA": {"TestA", "TestA/x"}}

    def test_only_the_newest_two_are_asked(self, store, build):
        self.add(store, build, 1, "TestA", "TestA/old")
        self.add(store, build, 2, "TestA", "TestA/old", "TestA/new")
        self.add(store, build, 3, "TestA", "TestA/new")
        assert self.known(store, build) == {"TestA": {"TestA", "TestA/new"}}

    def test_a_run_of_other_functions_hides_nothing(self, store, build):
        self.add(store, build, 1, "TestA", "TestA/x")
        self.add(store, build, 2, "TestA", "TestA/x")
        self.add(store, build, 3, "TestB")
        assert self.known(store, build)["TestA"] == {"TestA", "TestA/x"}

    def test_red_died_cached_and_flagged_attempts_teach_nothing(self, store, build):
        self.add(store, build, 1, "TestA")
        self.add(store, build, 2, "TestA", "TestA/x", result=PackageOutcome.DIED)
        self.add(store, build, 3, "TestA", "TestA/x", cached=True)
        self.add(store, build, 4, "TestA", "TestA/x", phase={"flags": ("-run=TestA/x",)})
        assert self.known(store, build) is None
        self.add(store, build, 5, "TestA", "TestA/y")
        assert self.known(store, build) == {"TestA": {"TestA"}}
        self.add(store, build, 6, "TestA", "TestA/x", phase={"flags": ("-run=TestA/x",)})
        assert self.known(store, build, flags=("-run=TestA/x",)) == {"TestA": {"TestA", "TestA/x"}}


class TestProven:
    def proven(self, store, build, name="unit-race"):
        return store.proven("c" * 40, [(name, build.variant)])

    def green(self, build, **given):
        return build.phase(build.package(A, build.case("TestA")), **given)

    def test_a_whole_clean_green_run_of_the_commit_is_a_proof(self, store, build):
        assert self.proven(store, build) == frozenset()
        store.add(build.run(), self.green(build))
        assert self.proven(store, build) == {"unit-race"}
        assert self.proven(store, build, "network") == frozenset()
        assert store.proven("c" * 40, [("unit-race", None)]) == {"unit-race"}
        other = replace(build.variant, race=False)
        assert store.proven("c" * 40, [("unit-race", other)]) == frozenset()
        assert store.proven("d" * 40, [("unit-race", build.variant)]) == frozenset()

    @pytest.mark.parametrize(
        "given",
        [{"dirty": True}, {"scope_mode": "selected"}, {"commit": None}],
        ids=lambda given: next(iter(given)),
    )
    def test_runs_that_prove_nothing(self, store, build, given):
        store.add(build.run(**given), self.green(build))
        assert self.proven(store, build) == frozenset()

    @pytest.mark.parametrize("given", [{"source": "recovered"}, {"flags": ("-short",)}])
    def test_phases_that_prove_nothing(self, store, build, given):
        store.add(build.run(), self.green(build, **given))
        assert self.proven(store, build) == frozenset()

    def test_flaky_hollow_and_empty_prove_nothing(self, store, build):
        flaky = build.package(A, build.case("TestA", FAIL, PASS), explained=True)
        hollow = build.package(A + "/h", result=PackageOutcome.HOLLOW)
        good = build.package(A, build.case("TestA"))
        for number, packages in enumerate([(flaky,), (good, hollow), ()], 1):
            phase = build.phase(*packages, verdict=Verdict.GREEN)
            store.add(build.run(number), phase)
            assert self.proven(store, build) == frozenset()

    def test_a_later_red_takes_the_proof_back(self, store, build):
        store.add(build.run(1), self.green(build))
        red = build.phase(build.package(A, build.case("TestA", FAIL)))
        store.add(build.run(2, scope_mode="selected"), red)
        assert self.proven(store, build) == frozenset()
        store.add(build.run(3), self.green(build))
        assert self.proven(store, build) == {"unit-race"}


class TestLastFailed:
    def red(self, store, **given):
        return {p.key.path: (p.cases, p.whole) for p in store.last_failed(**given)}

    def test_cases_and_broken_packages(self, store, build):
        red = build.package(A, build.case("TestA"), build.case("TestB", FAIL, FAIL))
        broken = build.package(A + "/b", result=PackageOutcome.BUILD, message="undefined: x")
        green = build.package(A + "/c", build.case("TestC"))
        store.add(build.run(), build.phase(red, broken, green))
        assert self.red(store) == {A: (("TestB",), False), A + "/b": ((), True)}

    def test_what_ran_again_and_passed_is_forgotten(self, store, build):
        red = build.package(A, build.case("TestA", FAIL), build.case("TestB", FAIL))
        store.add(build.run(1), build.phase(red))
        store.add(build.run(2), build.phase(build.package(A, build.case("TestA"))))
        assert self.red(store) == {A: (("TestB",), False)}
        # In another phase, too: the test is the same.
        store.add(build.run(3), build.phase(build.package(A, build.case("TestB")), name="full"))
        assert self.red(store) == {}

    def test_a_cached_pass_counts_as_having_run(self, store, build):
        store.add(build.run(1), build.phase(build.package(A, build.case("TestA", FAIL))))
        store.add(build.run(2), build.phase(build.package(A, build.case("TestA"), cached=True)))
        assert self.red(store) == {}

    def test_a_case_without_an_end_is_red(self, store, build):
        died = build.package(A, build.case("TestA", UNKNOWN), result=PackageOutcome.DIED)
        store.add(build.run(1), build.phase(died))
        assert self.red(store) == {A: (("TestA",), True)}
        lost = build.package(A, build.case("TestA", Outcome.NOT_RUN), result=PackageOutcome.DIED)
        store.add(build.run(2), build.phase(lost))
        assert self.red(store) == {A: (("TestA",), True)}

    def test_flakes_are_not_red_but_races_are(self, store, build):
        """S34: a data race is a bug whatever a rerun says."""
        flaky = build.package(A, build.case("TestA", FAIL, PASS), explained=True)
        mixed = build.package(A + "/b", build.case("TestF", FAIL, PASS), build.case("TestB", FAIL))
        race = build.package(A + "/c", build.case("TestC", FAIL, PASS, kind=Kind.RACE))
        store.add(build.run(), build.phase(flaky, mixed, race))
        assert self.red(store) == {A + "/b": (("TestB",), False), A + "/c": (("TestC",), False)}

    def test_branch_and_order_are_those_of_the_runs(self, store, build):
        failing = build.phase(build.package(A, build.case("TestA", FAIL)))
        passing = build.phase(build.package(A, build.case("TestA")))
        store.add(build.run(2, branch="main"), passing)
        store.add(build.run(1, branch="topic"), failing)  # recovered later, ran before
        assert self.red(store) == {}
        assert self.red(store, branch="topic") == {A: (("TestA",), False)}
        assert self.red(store, branch="main") == {}

    def test_folds_are_never_named(self, store, build):
        cases = (build.case("TestA", FAIL, fold=True), build.case("TestA/x", FAIL))
        store.add(build.run(), build.phase(build.package(A, *cases)))
        assert self.red(store) == {A: (("TestA/x",), False)}


def test_documents_of_old_runs_go_and_results_stay(store, build, monkeypatch):
    monkeypatch.setattr("gomanager.store.sqlite.DOCUMENTS_KEPT", 2)
    for number in range(1, 5):
        store.finish(build.run(number), b"{}")
    kept = [number for number in range(1, 5) if store.document(f"{number:032x}")]
    assert kept == [3, 4]
    assert len(store.runs()) == 4


def test_instants_survive_to_the_millisecond(store, build):
    started = build.start + timedelta(milliseconds=7)
    store.begin(build.run(started=started))
    assert store.runs()[0].started == started


class TestResources:
    """What a test process usually takes, from passing first attempts of the same series."""

    def add(self, store, build, number, cpu, peak, *, cases=3, **given):
        names = [build.case(f"Test{n}") for n in range(cases)]
        about = {"cpu_ms": cpu, "peak_bytes": peak}
        more = {key: given.pop(key) for key in ("result", "cached") if key in given}
        package = build.package("m/a", *names, **about, **more)
        store.add(build.run(number), build.phase(package, **given))

    def usual(self, store, build, cases=3, beside="", **given):
        key = PackageKey(build.module, "m/a")
        phase = build.phase(**given)
        return store.resources(phase, {key: cases}, beside=beside).get(key)

    def test_the_median_and_the_median_distance_from_it(self, store, build):
        for number, cpu in enumerate((100, 110, 120, 130, 900), 1):
            self.add(store, build, number, cpu, cpu * 1000)
        usual = self.usual(store, build)
        assert usual.cpu_ms == Habit(median=120, mad=10, n=5)
        assert usual.peak_bytes == Habit(median=120_000, mad=10_000, n=5)

    def test_the_run_itself_does_not_count(self, store, build):
        for number in range(1, 4):
            self.add(store, build, number, number * 100, 1)
        assert self.usual(store, build, beside=f"{3:032x}").cpu_ms.n == 2

    def test_only_the_newest_twenty_count(self, store, build):
        for number in range(1, 31):
            self.add(store, build, number, number, number)
        assert self.usual(store, build).cpu_ms == Habit(median=20, mad=5, n=20)

    def test_unknown_cached_failed_and_other_series_do_not_count(self, store, build):
        self.add(store, build, 1, None, None)
        self.add(store, build, 2, 5, 5, cached=True)
        self.add(store, build, 3, 5, 5, result=PackageOutcome.DIED)
        self.add(store, build, 4, 5, 5, name="api")
        self.add(store, build, 5, 5, 5, flags=("-short",))
        assert self.usual(store, build) is None
        assert self.usual(store, build, flags=("-short",)).cpu_ms.n == 1

    def test_a_part_of_the_package_says_nothing_of_the_whole(self, store, build):
        self.add(store, build, 1, 5, 5, cases=1)
        self.add(store, build, 2, 500, 500, cases=10)
        assert self.usual(store, build, cases=9).cpu_ms.median == 500
        assert self.usual(store, build, cases=1).cpu_ms.median == 5
        assert self.usual(store, build, cases=4) is None

    def test_a_package_that_nobody_knows(self, store, build):
        assert self.usual(store, build) is None
        assert store.resources(build.phase(), {}) == {}
