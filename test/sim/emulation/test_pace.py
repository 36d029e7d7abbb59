"""The schedule of emulation cycles, on a simulated clock."""

import math

import pytest

from helms_sim.emulation.pace import Pace


def run(pace: Pace, rates: dict[str, float], begin: float, seconds: float) -> dict[str, int]:
    now, counts = begin, dict.fromkeys(rates, 0)
    while now < begin + seconds - 1e-9:
        for job in pace.begin(now, rates):
            counts[job] += 1
        now += pace.wait_s(now)
    return counts


@pytest.mark.parametrize("joints", [5.0, 30.0, 100.0, 250.0, 500.0])
def test_every_job_comes_at_its_rate(joints: float) -> None:
    rates = {"joints": joints, "state": 100.0, "objects": 30.0}
    counts = run(Pace(0.0), rates, 0.0, 10.0)
    for job, rate in rates.items():
        assert counts[job] == pytest.approx(10.0 * rate, abs=1.0 + 0.01 * 10.0 * rate)


def test_a_late_cycle_is_noted_and_not_made_up_for() -> None:
    pace, rates = Pace(0.0), {"state": 100.0}
    for now in (0.0, 0.01, 0.05):
        pace.begin(now, rates)
    assert list(pace.late_s) == pytest.approx([0.0, 0.0, 0.03])
    assert pace.lateness_ms()[2] == pytest.approx(30.0)
    assert pace.wait_s(0.05) == 0.0
    pace.begin(0.05, rates)
    assert pace.wait_s(0.05) == pytest.approx(0.01)


def test_a_raised_rate_holds_at_once() -> None:
    pace = Pace(0.0)
    run(pace, {"joints": 1.0, "state": 100.0}, 0.0, 0.5)
    assert run(pace, {"joints": 100.0, "state": 100.0}, 0.5, 1.0)["joints"] >= 99


def test_before_the_first_cycle_nothing_is_known() -> None:
    assert all(math.isnan(value) for value in Pace(0.0).lateness_ms())
