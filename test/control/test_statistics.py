"""The Wilson interval against published values and its definition."""

import math
from typing import Any

import pytest

from helms_control.errors import HelmsError
from helms_control.statistics import wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_newcombes_examples(successes: int, trials: int, low: float, high: float) -> None:
    """Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3."""
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_worked_by_hand() -> None:
    """1 of 2 with z = 1: centre 1.5 / 3 = 0.5, half width sqrt(0.5 + 0.25) / 3 = 0.288675."""
    assert wilson_interval(1, 2, z=1.0) == pytest.approx((0.5 - 0.288675, 0.5 + 0.288675), abs=1e-6)


@pytest.mark.parametrize(("successes", "trials"), [(1, 2), (3, 7), (99, 100), (1234, 5000)])
def test_each_end_is_just_z_standard_errors_away(successes: int, trials: int) -> None:
    """The interval's definition: the proportions p with |k/n - p| = z sqrt(p (1 - p) / n)."""
    for p in wilson_interval(successes, trials):
        assert abs(successes / trials - p) == pytest.approx(1.959964 * math.sqrt(p * (1 - p) / trials), rel=1e-9)


@pytest.mark.parametrize("trials", [1, 3, 20, 1000])
def test_the_ends_are_exact(trials: int) -> None:
    assert wilson_interval(0, trials)[0] == 0.0
    assert wilson_interval(trials, trials)[1] == 1.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 0), "needs 1 or more trials and 0 <= successes <= trials, got 0 of 0"),
        ((5, 4), "got 5 of 4"),
        ((-1, 4), "got -1 of 4"),
        ((0.5, 4), "must be whole numbers, got 0.5 of 4"),
        ((1, 4, 0.0), "z must be finite and above 0, .* got 0.0"),
        ((1, 4, float("nan")), "z must be finite and above 0, .* got nan"),
    ],
)
def test_bad_input_is_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(HelmsError, match=message):
        wilson_interval(*arguments)
