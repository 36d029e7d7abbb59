"""The finger target against the simulated actuator, in both directions."""

import numpy as np
import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.target import (
    FINGER_SPEED,
    Calibration,
    advance,
    finger_rate,
    speed_byte,
)
from helms_sim.cell.cell import Cell
from helms_sim.episode import EpisodeConfig, draw_episode
from helms_sim.scene.model import cell_model
from helms_sim.scene.names import GRIPPER


def test_the_target_is_that_of_the_simulated_actuator() -> None:
    episode, cell = draw_episode(EpisodeConfig(), np.random.default_rng(3)), Cell()
    cell.use(cell_model(episode.triplet))
    cell.reset(episode.start)
    rng, target = np.random.default_rng(0), float(cell.data.act[GRIPPER])
    seen = []
    for speed in np.repeat(rng.choice([-255.0, -40.0, 0.0, 3.0, 255.0], size=12), 8).tolist():
        cell.step((0.0, 0.0, 0.0, 0.0, speed))
        # Without a bound on its lead, as in the simulation.
        target = advance(target, finger_rate(speed), 0.05, 0.0 if speed < 0 else 255.0, 255.0)
        # The state is read one substep of 2.5 ms after the command ended.
        assert target == pytest.approx(float(cell.data.act[GRIPPER]), abs=1e-6)
        seen.append(target)
    assert min(seen) == 0.0 and max(seen) == 255.0


@pytest.mark.parametrize(("speed", "rate"), [(1e-9, 255.0), (-255.0, -255.0), (0.0, 0.0), (float("nan"), 0.0)])
def test_only_the_sign_of_a_command_counts(speed: float, rate: float) -> None:
    assert finger_rate(speed) == rate


def test_the_target_runs_ahead_of_blocked_fingers_by_no_more_than_its_lead() -> None:
    target = 100.0
    for _ in range(50):
        target = advance(target, FINGER_SPEED, 0.02, 100.0, 20.0)
    assert target == 120.0
    assert advance(target, -FINGER_SPEED, 0.1, 100.0, 20.0) == pytest.approx(94.5)
    for _ in range(50):
        target = advance(target, -FINGER_SPEED, 0.02, 100.0, 20.0)
    assert target == 80.0


def test_a_late_reading_does_not_pull_the_target_back() -> None:
    assert advance(150.0, FINGER_SPEED, 0.02, 100.0, 20.0) == 150.0
    assert advance(150.0, 0.0, 0.02, 100.0, 20.0) == 150.0


def test_calibration_maps_the_stroke_and_back() -> None:
    calibration = Calibration(13, 230)
    assert calibration.counts(0.0) == 13.0 and calibration.counts(255.0) == 230.0
    for counts in range(13, 231):
        assert calibration.counts(calibration.tics(counts)) == pytest.approx(counts)
    assert calibration.tics(0) == 0.0 and calibration.tics(255) == 255.0


@pytest.mark.parametrize(("low", "high"), [(230, 13), (5, 5), (-1, 200), (0, 256)])
def test_a_calibration_without_a_stroke_is_refused(low: int, high: int) -> None:
    with pytest.raises(HelmsError, match="0 <= open < closed <= 255"):
        Calibration(low, high)


def test_the_speed_byte_is_linear_between_slowest_and_fastest() -> None:
    assert speed_byte(60.0, 0) == 0 and speed_byte(450.0, 0) == 255 and speed_byte(255.0, 0) == 128
    assert speed_byte(10.0, 0) == 0 and speed_byte(-1000.0, 20) == 255
