"""Modes, time-out and limits of joint commands against hand-worked numbers."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.errors import HelmsError
from helms_control.robot.sawyer import JOINT_NAMES
from helms_control.safety.joints import SAWYER, JointLimits
from helms_sim.emulation.controller import JointCommand, JointController, Mode

Array = npt.NDArray[np.float64]

DT = 0.01
REST = np.array([0.1, -1.0, -0.2, 1.2, 0.1, 1.4, -0.6])
FREE = JointLimits(SAWYER.lower, SAWYER.upper, SAWYER.velocity, np.full(7, 1e6))
"""Limits that leave every acceleration."""


def velocity(values: npt.ArrayLike, names: Sequence[str] = JOINT_NAMES) -> JointCommand:
    # The vendor's own client reuses its messages: other lists ride along, and must not count.
    return JointCommand(2, names, position=np.zeros(3).tolist(), velocity=np.asarray(values, float).tolist())


def position(values: npt.ArrayLike, mode: int = 1) -> JointCommand:
    return JointCommand(mode, JOINT_NAMES, position=np.asarray(values, float).tolist())


class Joints:
    """Joints without mass or lag: they are where their set points are."""

    def __init__(self, limits: JointLimits = FREE, at: npt.ArrayLike = REST) -> None:
        self.at = np.array(at, float)
        self.control = JointController(self.at, limits)
        self.now = 0.0

    def mode(self) -> Mode:
        return self.control.mode

    def run(self, ticks: int) -> list[Array]:
        speeds = []
        for _ in range(ticks):
            speed = self.control.step(self.now, DT, self.at, self.at)
            self.at = self.at + DT * speed
            self.now = round(self.now + DT, 9)
            speeds.append(speed.copy())
        return speeds


def test_it_starts_by_holding_where_it_is() -> None:
    joints = Joints()
    joints.run(50)
    assert joints.mode() is Mode.POSITION
    np.testing.assert_array_equal(joints.at, REST)


def test_a_velocity_lapses_at_exactly_the_timeout_and_the_angles_of_then_are_held() -> None:
    joints = Joints()
    joints.control.command(0.0, velocity(np.full(7, 0.1)))
    joints.run(20)
    # The steps at 0.00 to 0.19 s moved by 0.1 rad/s; the one at 0.20 s does not.
    np.testing.assert_allclose(joints.at, REST + 0.02, atol=1e-12)
    assert joints.mode() is Mode.VELOCITY
    speed = joints.run(1)[0]
    assert joints.mode() is Mode.POSITION
    np.testing.assert_array_equal(speed, 0.0)
    joints.run(100)
    np.testing.assert_allclose(joints.at, REST + 0.02, atol=1e-12)
    np.testing.assert_array_equal(joints.control.wanted, 0.0)
    assert joints.control.timeouts == 1


def test_repeated_velocities_do_not_lapse() -> None:
    joints = Joints()
    for _ in range(10):
        joints.control.command(joints.now, velocity(np.full(7, 0.1)))
        joints.run(19)
    assert joints.control.timeouts == 0
    np.testing.assert_allclose(joints.at, REST + 0.19, atol=1e-12)


@pytest.mark.parametrize(("asked", "kept"), [(0.1, 0.1), (-3.0, 0.0), (7.0, 1.0), (math.inf, 1.0), (math.nan, 0.2)])
def test_the_timeout_is_kept_within_a_second(asked: float, kept: float) -> None:
    control = JointController(REST)
    control.set_timeout(asked)
    assert control.timeout_s == kept


def test_a_timeout_that_is_shortened_counts_for_the_command_in_force() -> None:
    joints = Joints()
    joints.control.command(0.0, velocity(np.full(7, 0.1)))
    joints.run(10)
    joints.control.set_timeout(0.05)
    joints.run(1)
    assert joints.mode() is Mode.POSITION


def test_a_position_does_not_lapse() -> None:
    joints = Joints()
    joints.control.command(0.0, position(REST + 0.3))
    joints.run(300)
    np.testing.assert_allclose(joints.at, REST + 0.3, atol=1e-9)
    assert joints.control.timeouts == 0


def test_speed_ratio_bounds_positions_but_not_velocities_and_trajectories() -> None:
    joints = Joints()
    joints.control.set_speed_ratio(0.5)
    joints.control.command(0.0, position(REST + 0.5))
    np.testing.assert_allclose(joints.run(5)[-1], 0.5 * SAWYER.velocity)
    joints.control.command(joints.now, position(REST + 2.0, mode=4))
    np.testing.assert_allclose(joints.run(5)[-1], SAWYER.velocity)
    joints.control.command(joints.now, velocity(np.full(7, 9.0)))
    np.testing.assert_allclose(joints.run(5)[-1], SAWYER.velocity)


def test_speeds_change_by_no_more_than_the_accelerations() -> None:
    joints = Joints(SAWYER)
    joints.control.command(0.0, velocity(np.full(7, 1.0)))
    speeds = joints.run(20)
    # 8 rad/s^2 at right_j1: 0.08 rad/s more in each step of 10 ms, 13 steps to 1 rad/s.
    np.testing.assert_allclose([speed[1] for speed in speeds[:3]], [0.08, 0.16, 0.24])
    assert speeds[11][1] == pytest.approx(0.96)
    assert speeds[12][1] == 1.0
    # Lapsed: it brakes as fast as it may, then comes back to where it was when it lapsed.
    lapsed = joints.at.copy()
    after = joints.run(200)
    np.testing.assert_allclose(after[0], 1.0 - DT * SAWYER.acceleration)
    assert np.all(np.abs(np.diff([speed for speed in after], axis=0)) <= DT * SAWYER.acceleration + 1e-12)
    np.testing.assert_allclose(joints.at, lapsed, atol=1e-9)


@pytest.mark.parametrize("mode", [1, 4])
def test_a_position_is_reached_without_overshoot(mode: int) -> None:
    joints = Joints(SAWYER)
    goal = REST + np.array([0.5, -0.4, 0.001, 0.3, -0.2, 0.1, -1.0])
    joints.control.command(0.0, position(goal, mode))
    way = []
    for _ in range(600):
        joints.run(1)
        way.append((joints.at - goal) * np.sign(REST - goal))
    assert np.min(way) > -1e-9
    np.testing.assert_allclose(joints.at, goal, atol=1e-6)


def test_velocities_stop_at_the_position_limits() -> None:
    joints = Joints(SAWYER)
    for _ in range(1000):
        joints.control.command(joints.now, velocity(np.array([1, -1, 1, -1, 1, -1, 1]) * 1.0))
        joints.run(1)
        assert np.all(joints.at <= SAWYER.upper + 1e-9)
        assert np.all(joints.at >= SAWYER.lower - 1e-9)
    ends = np.where(np.array([1, -1, 1, -1, 1, -1, 1]) > 0, SAWYER.upper, SAWYER.lower)
    np.testing.assert_allclose(joints.at, ends, atol=1e-6)


def test_joints_are_found_by_name_and_those_that_are_not_named_stand() -> None:
    joints = Joints()
    joints.control.command(0.0, velocity([0.3, 0.5, 0.1], ("right_j4", "head_pan", "right_j0")))
    np.testing.assert_array_equal(joints.control.wanted, [0.1, 0, 0, 0, 0.3, 0, 0])


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (JointCommand(3, JOINT_NAMES), "joint command of mode 3"),
        (JointCommand(0, JOINT_NAMES), "joint command of mode 0"),
        (JointCommand(2, JOINT_NAMES, velocity=[0.1] * 6), "7 names and 6 velocities"),
        (JointCommand(1, JOINT_NAMES, velocity=[0.1] * 7), "7 names and 0 positions"),
        (JointCommand(2, JOINT_NAMES, velocity=[0.1] * 6 + [math.nan]), "velocities that are not finite"),
        (JointCommand(2, ["left_s0"], velocity=[0.1]), "this arm has right_j0"),
    ],
)
def test_a_bad_command_is_refused_and_the_one_before_stays(command: JointCommand, message: str) -> None:
    joints = Joints()
    joints.control.command(0.0, velocity(np.full(7, 0.1)))
    joints.run(10)
    with pytest.raises(HelmsError, match=message):
        joints.control.command(joints.now, command)
    joints.run(10)
    np.testing.assert_allclose(joints.at, REST + 0.02, atol=1e-12)
    joints.run(1)
    assert joints.mode() is Mode.POSITION
    assert joints.control.received == 1


def test_brakes_stop_at_once() -> None:
    joints = Joints(SAWYER)
    joints.control.command(0.0, velocity(np.full(7, 1.0)))
    joints.run(15)
    joints.control.brake(joints.at)
    stopped = joints.at.copy()
    joints.run(10)
    np.testing.assert_array_equal(joints.at, stopped)
