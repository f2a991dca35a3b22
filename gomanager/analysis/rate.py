"""How often a test fails: rates with intervals, and what a number of runs can show.

Prior Beta(½, ½); the incomplete beta function by its continued fraction (Numerical Recipes, 6.4).
Probabilities are 0–1.
"""

from math import ceil, exp, inf, lgamma, log, log1p

from msgspec import Struct

PRIOR = 0.5
LEVEL = 0.95
"""Of the interval, equal tails."""
EXPLAINED = 0.01
MOST_RUNS = 1_000_000
_STEPS = 400
_TINY = 1e-300


class Rate(Struct, frozen=True, kw_only=True):
    """f failures in n attempts, the mean of the posterior, and its 95 % interval."""

    failed: int
    runs: int
    mean: float
    low: float
    high: float

    @property
    def text(self) -> str:
        """``3/100, 95 % interval 0.9 %–7.8 %``: never a bare percentage."""
        return f"{self.failed}/{self.runs}, 95 % interval {percent(self.low)}–{percent(self.high)}"


def rate(failed: int, runs: int) -> Rate:
    """Without failures the lower end is 0, without passes the upper end is 1."""
    a, b = failed + PRIOR, runs - failed + PRIOR
    tail = (1 - LEVEL) / 2
    low = quantile(tail, a, b) if failed else 0.0
    high = quantile(1 - tail, a, b) if failed < runs else 1.0
    return Rate(failed=failed, runs=runs, mean=a / (a + b), low=low, high=high)


def runs_needed(probability: float, confidence: float = LEVEL) -> int:
    """Runs that show at least one failure with this confidence; at most a million."""
    if probability >= 1:
        return 1
    if probability <= 0:
        return MOST_RUNS
    return min(MOST_RUNS, max(1, ceil(log(1 - confidence) / log1p(-probability) - 1e-9)))


def shown(runs: int, confidence: float = LEVEL) -> float:
    """The converse: so many clean runs put the rate below this."""
    return 1 - (1 - confidence) ** (1 / runs) if runs else 1.0


def clean_runs(target: float) -> int:
    """How many runs without a failure put the upper end of the interval below ``target``."""
    low, high = 1, 2
    while rate(0, high).high >= target and high < MOST_RUNS:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if rate(0, middle).high < target:
            high = middle
        else:
            low = middle + 1
    return low


def explained(failed: int, runs: int, again: int, tries: int) -> float:
    """Probability of at least ``again`` failures in ``tries`` new attempts, given history."""
    a, b = failed + PRIOR, runs - failed + PRIOR
    return sum(
        exp(_log_choose(tries, i) + _log_beta(a + i, b + tries - i) - _log_beta(a, b))
        for i in range(again, tries + 1)
    )


def quantile(probability: float, a: float, b: float) -> float:
    """Of Beta(a, b), by bisection."""
    low, high = 0.0, 1.0
    for _ in range(64):  # near 1, what is left of the interval is what matters
        middle = (low + high) / 2
        if cumulative(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def cumulative(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = exp(a * log(x) + b * log1p(-x) - _log_beta(a, b))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Lentz's method; it converges within √max(a, b) steps on this side of the mean."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS + int(10 * max(a, b) ** 0.5)):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + step * d)
            c = _away(1 + step / c)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_choose(n: int, k: int) -> float:
    return -inf if k < 0 or k > n else lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def percent(value: float) -> str:
    """Two digits that mean something: ``0.11 %``, ``7.8 %``, ``46 %``."""
    share = value * 100
    digits = 0 if share >= 10 or share == 0 else 1 if share >= 1 else 2
    return f"{share:.{digits}f} %"
