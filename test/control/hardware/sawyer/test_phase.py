"""Control cycles follow actions closely, whatever their initial phase."""

import numpy as np
import pytest

from helms_control.hardware.sawyer.phase import LEAD_S, SHIFT_S, Phase

PERIOD, STEP = 0.01, 0.05


def waits(first: float, jitter: float = 0.0, drift: float = 0.0, steps: int = 200) -> "np.typing.NDArray[np.float64]":
    """Return how long each action waited for its cycle, s, and check that the cycles stay even.

    Args:
        first: of the first action behind a cycle, s.
        jitter: standard deviation of the actions' times, s.
        drift: by how much the actions' clock is faster.
        steps: actions.
    """
    rng, phase, due, found = np.random.default_rng(0), Phase(PERIOD), 0.0, []
    times = np.sort(first + STEP * (1.0 - drift) * np.arange(steps) + jitter * rng.normal(size=steps))
    for time in times:
        while due <= time:
            shift = phase.shift(due)
            assert abs(shift) <= SHIFT_S
            due += PERIOD + shift
        phase.hear(time)
        found.append(due - time)
    return np.array(found)


@pytest.mark.parametrize("first", np.linspace(0.0005, 0.0095, 7))
def test_from_any_phase_it_settles(first: float) -> None:
    assert waits(first)[60:] == pytest.approx(LEAD_S, abs=1e-4)


@pytest.mark.parametrize("drift", [-1e-3, 1e-3])
def test_it_follows_a_clock_that_runs_away(drift: float) -> None:
    assert waits(0.004, drift=drift)[60:] == pytest.approx(LEAD_S, abs=4e-4)


def test_actions_that_come_a_little_early_or_late_are_carried_by_the_next_cycle() -> None:
    late = waits(0.004, jitter=3e-4, steps=1000)[60:]
    assert np.percentile(late, 99) < 3e-3


def test_without_actions_nothing_is_shifted() -> None:
    phase = Phase(PERIOD)
    assert phase.shift(1.0) == 0.0
    phase.hear(1.0)
    assert phase.shift(1.006) < 0.0
    assert phase.shift(1.016) == 0.0
