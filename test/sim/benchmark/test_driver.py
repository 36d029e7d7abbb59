"""The figures of the driver's benchmark from synthetic times."""

import numpy as np
import pytest

from helms_sim.benchmark.driver import figures, swing
from helms_sim.benchmark.wire import Sent

STEPS = 20


def stream(late_s: float = 0.0) -> list[Sent]:
    """Return a command every 10 ms that changes sign every 50 ms, 2 ms behind its action; one period is longer."""
    times = [0.01 * index + (late_s if index == 53 else 0.0) for index in range(5 * STEPS)]
    return [Sent(time, (0.1 * (-1) ** (index // 5),) * 7) for index, time in enumerate(times)]


def actions() -> list[tuple[float, int, int]]:
    return [(0.05 * step - 0.002, 1, step) for step in range(STEPS)]


def test_an_action_is_timed_to_the_first_command_that_changes() -> None:
    found = figures(stream(), actions(), {(1, step): "" for step in range(STEPS)})
    assert (found["actions"], found["held"], found["unclear"]) == (STEPS - 3, 0, 0)
    assert found["p50_ms"] == pytest.approx(2.0) and found["p99_ms"] == pytest.approx(2.0)
    assert found["stream_hz"] == pytest.approx(100.0)
    assert found["period_jitter_p99_ms"] == pytest.approx(0.0, abs=1e-9)


def test_a_late_command_shows_in_the_period() -> None:
    found = figures(stream(late_s=0.004), actions(), {})
    assert found["period_max_ms"] == pytest.approx(14.0)
    assert 0.0 < found["period_jitter_p99_ms"] <= 4.0
    assert found["actions"] == 0 and np.isnan(found["p50_ms"])


def test_actions_that_were_held_or_cannot_be_told_are_counted() -> None:
    sent = stream()
    # Behind step 9 the command still changes where the next action comes.
    sent[49] = Sent(sent[49].time, (0.05,) * 7)
    found = figures(sent, actions(), {(1, step): "no action in time" if step == 5 else "" for step in range(STEPS)})
    assert (found["actions"], found["held"], found["unclear"]) == (STEPS - 5, 1, 1)


def test_every_action_differs_from_the_one_before() -> None:
    assert swing(0) != swing(1) and swing(0) == swing(2)
