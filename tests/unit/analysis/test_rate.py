"""Rates and numbers of runs against values worked out elsewhere, to their last digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomanager.analysis.rate import (
    clean_runs,
    cumulative,
    explained,
    percent,
    quantile,
    rate,
    runs_needed,
    shown,
)


@pytest.mark.parametrize(
    ("failed", "runs", "low", "high", "mean"),
    [
        (0, 10, 0, 0.2172, 0.0455),
        (0, 30, 0, 0.0797, 0.0161),
        (0, 100, 0, 0.0247, 0.0050),
        (1, 2, 0.0608, 0.9392, 0.5000),
        (1, 10, 0.0110, 0.3813, 0.1364),
        (1, 100, 0.0011, 0.0458, 0.0149),
        (3, 100, 0.0085, 0.0779, 0.0347),
        (5, 50, 0.0392, 0.2054, 0.1078),
        (12, 240, 0.0276, 0.0831, 0.0519),
        (17, 30, 0.3901, 0.7311, 0.5645),
        (3, 3, 0.4644, 1, 0.8750),
        (30, 30, 0.9203, 1, 0.9839),
        (5, 5, 0.6206, 1, 0.9167),
        (20, 100, 0.1308, 0.2863, 0.2030),
        (20, 400, 0.0318, 0.0747, 0.0511),
    ],
)
def test_rate_and_interval(failed, runs, low, high, mean):
    found = rate(failed, runs)
    assert round(found.low, 4) == low
    assert round(found.mean, 4) == pytest.approx(mean, abs=1e-9)
    assert round(found.high, 4) == pytest.approx(high, abs=1e-4)


@pytest.mark.parametrize(
    ("failed", "runs", "again", "tries", "probability"),
    [
        (8, 400, 1, 1, 0.0212),
        (8, 400, 2, 2, 0.0005),
        (8, 400, 2, 3, 0.0015),
        (20, 100, 2, 2, 0.0428),
        (20, 100, 3, 3, 0.0093),  # 0.009346 by exact fractions
        (0, 400, 1, 1, 0.0012),
        (5, 50, 2, 3, 0.0366),
    ],
)
def test_explained_by_history(failed, runs, again, tries, probability):
    assert round(explained(failed, runs, again, tries), 4) == probability


@pytest.mark.parametrize(
    ("probability", "at_95", "at_99"),
    [
        (0.001, 2995, 4603),
        (0.005, 598, 919),
        (0.01, 299, 459),
        (0.02, 149, 228),
        (0.05, 59, 90),
        (0.1, 29, 44),
        (0.2, 14, 21),
        (0.3, 9, 13),
        (0.5, 5, 7),
    ],
)
def test_how_many_runs(probability, at_95, at_99):
    assert (runs_needed(probability), runs_needed(probability, 0.99)) == (at_95, at_99)


@pytest.mark.parametrize(("runs", "below"), [(10, 0.259), (59, 0.050), (300, 0.010)])
def test_what_clean_runs_show(runs, below):
    assert round(shown(runs), 3) == below


@given(st.sampled_from([0.5, 0.2, 0.1, 0.05, 0.01, 0.001]))
def test_clean_runs_is_the_first_number_that_suffices(target):
    runs = clean_runs(target)
    assert rate(0, runs).high < target
    assert runs == 1 or rate(0, runs - 1).high >= target


@given(st.floats(0.001, 0.999), st.floats(0.5, 1e6), st.floats(0.5, 1e6))
def test_quantile_is_the_inverse(probability, a, b):
    assert cumulative(quantile(probability, a, b), a, b) == pytest.approx(probability, abs=1e-4)


@given(st.integers(0, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_its_mean(case):
    found = rate(*case)
    assert 0 <= found.low <= found.mean <= found.high <= 1


def test_edges():
    assert (runs_needed(0), runs_needed(1), shown(0)) == (1_000_000, 1, 1.0)
    assert [percent(x) for x in (0, 0.00109, 0.0779, 0.4644, 1)] == [
        "0 %", "0.11 %", "7.8 %", "46 %", "100 %",
    ]  # fmt: skip
    assert rate(3, 100).text == "3/100, 95 % interval 0.85 %–7.8 %"
