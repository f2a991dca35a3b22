"""A test process stands out against its own history, and never against noise."""

import pytest
from samples import package, passed, phase, run, tried

from gomanager.analysis import resources
from gomanager.analysis.finding import Context
from gomanager.analysis.findings import findings
from gomanager.analysis.resources import CPU, MEMORY, outstanding, size
from gomanager.results import PackageOutcome, Verdict
from gomanager.store.habit import Habit, Resources

MB = 1_000_000


def habit(median, mad=0, n=12):
    return Habit(median=median, mad=mad, n=n)


@pytest.mark.parametrize(
    ("value", "usual", "stands_out"),
    [
        (1200 * MB, habit(310 * MB, 5 * MB), True),
        (1200 * MB, habit(310 * MB, 5 * MB, n=4), False),  # nobody knows yet what is usual
        (600 * MB, habit(310 * MB, 5 * MB), False),  # not twice as much
        (90 * MB, habit(10 * MB, 0), False),  # nine times, and still little
        (1200 * MB, habit(310 * MB, 150 * MB), False),  # it goes up and down anyway
        (None, habit(310 * MB), False),
    ],
)
def test_memory_stands_out(value, usual, stands_out):
    assert outstanding(value, usual, MEMORY) is stands_out


@pytest.mark.parametrize(
    ("value", "usual", "stands_out"),
    [
        (9000, habit(2000, 100), True),
        (5000, habit(2000, 100), False),
        (1900, habit(10, 1), False),
    ],
)
def test_cpu_stands_out(value, usual, stands_out):
    assert outstanding(value, usual, CPU) is stands_out


USUAL = Resources(cpu_ms=habit(2000, 50), peak_bytes=habit(310 * MB, 5 * MB))


def told(*packages):
    one = phase(Verdict.GREEN, *packages)
    known = {(one.name, p.module, p.path): USUAL for p in packages}
    return list(resources.of_phase(one, Context(resources=known)))


def took(name="store", result=PackageOutcome.PASS, **more):
    return package(name, tried(result, **more), passed("TestPut"))


def test_the_finding_says_how_much_and_what_is_usual():
    memory, cpu = told(took(peak_bytes=1_200 * MB, cpu_ms=9_100))
    assert memory.title == ("peak memory 1.2 GB, usually 310 MB (12 runs): example.com/app/store")
    assert cpu.title == "CPU time 9.1 s, usually 2.0 s (12 runs): example.com/app/store"
    assert {one.kind for one in (memory, cpu)} == {"resources"}
    assert {one.severity for one in (memory, cpu)} == {"warning"}
    assert "example.com/app/store" in memory.reproduce


def test_what_died_is_compared_too():
    (memory,) = told(took(result=PackageOutcome.DIED, peak_bytes=5_000 * MB, cpu_ms=10))
    assert memory.title.startswith("peak memory 5.0 GB")


def test_usual_unknown_and_cached_say_nothing():
    assert told(took(peak_bytes=320 * MB, cpu_ms=2100)) == []
    assert told(took()) == []
    assert told(took(peak_bytes=1_200 * MB, cpu_ms=9_100, cached=True)) == []
    one = phase(Verdict.GREEN, took(peak_bytes=1_200 * MB, cpu_ms=9_100))
    assert list(resources.of_phase(one, Context())) == []


def test_many_are_counted():
    found = told(*(took(f"p{n:02}", peak_bytes=1_200 * MB, cpu_ms=1) for n in range(13)))
    assert len(found) == 11
    assert found[-1].title == "3 more test processes took far more than usual"


def test_a_green_run_stays_without_critical_findings():
    one = took(peak_bytes=1_200 * MB, cpu_ms=1)
    green = run(Verdict.GREEN, phase(Verdict.GREEN, one))
    usual = Resources(cpu_ms=habit(1), peak_bytes=habit(300 * MB))
    known = Context(resources={("unit-race", one.module, one.path): usual})
    assert [(f.severity, f.kind) for f in findings(green, known)] == [("warning", "resources")]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 MB"),
        (310 * MB, "310 MB"),
        (999 * MB, "999 MB"),
        (999_600_000, "1.0 GB"),
        (10**10, "10.0 GB"),
    ],
)
def test_sizes(count, text):
    assert size(count) == text
