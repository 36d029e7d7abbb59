"""Limits: published ones, those reported by a robot, and invalid ones."""

from dataclasses import replace

import numpy as np
import pytest

from helms_control.control.workspace import Workspace
from helms_control.safety.errors import SafetyError
from helms_control.safety.joints import SAWYER, JointLimits
from helms_control.safety.limits import SafetyLimits
from helms_sim.cell.start import TCP_LOWER, TCP_UPPER
from test.control.safety.arm import Changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"linear_speed": float("nan")}, "linear_speed must be a positive finite number, got nan"),
        ({"reaction_s": 0.0}, "reaction_s must be a positive"),
        ({"wrist_force": None}, "wrist_force is missing"),
        ({"speed_share": 1.5}, r"speed_share must be in \(0, 1\]"),
        ({"box_upper": (0.7, 0.1, 0.05)}, "box_lower must be below box_upper"),
        ({"box_upper": (0.7, 0.2, float("nan"))}, "box_lower must be below box_upper"),
        ({"singular_stop": 0.07}, "singular_stop must be below singular_slow"),
        ({"cycle_s": 0.2}, "cycle_s must be below reaction_s"),
        ({"joints": None}, "joints must be JointLimits, got None"),
        ({"joint_margin": 4.0}, "leaves a joint no room"),
    ],
)
def test_limits_that_limit_nothing_are_refused(changes: Changes, words: str) -> None:
    with pytest.raises(SafetyError, match=words):
        replace(SafetyLimits(), **changes)


@pytest.mark.parametrize("bad", [None, np.ones(6), np.full(7, np.nan), np.full(7, np.inf), "fast"])
def test_joint_limits_must_be_seven_numbers(bad: object) -> None:
    changes: Changes = {"velocity": bad}
    with pytest.raises(SafetyError, match="joint limits on velocity must be 7"):
        replace(SAWYER, **changes)


def test_joint_limits_must_leave_room() -> None:
    with pytest.raises(SafetyError, match="every lower joint limit must be below"):
        replace(SAWYER, lower=SAWYER.upper)
    with pytest.raises(SafetyError, match="acceleration must be positive"):
        replace(SAWYER, acceleration=np.zeros(7))


def test_what_the_robot_reports_narrows_the_published_limits_and_never_widens_them() -> None:
    reported = JointLimits(
        np.full(7, -3.0), np.full(7, 5.0), np.full(7, 2.0), np.array([10.0, 8.0, 10.0, 10.0, 12.0, 12.0, 5.0])
    )
    limits = SAWYER.narrowed(reported)
    assert limits.lower.tolist() == [-3.0, -3.0, -3.0, -3.0, -2.9761, -2.9761, -3.0]
    assert limits.upper.tolist() == SAWYER.upper.tolist()
    assert limits.velocity.tolist() == [1.74, 1.328, 1.957, 1.957, 2.0, 2.0, 2.0]
    assert limits.acceleration[6] == 5.0


def test_limits_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="read-only"):
        SAWYER.velocity[0] = 9.0


def test_the_box_has_room_to_brake_around_workspace_and_start_poses() -> None:
    limits, workspace = SafetyLimits(), Workspace()
    # 0.07 m/s: 0.1 s of reaction, then 0.07^2 / 2 at 1 m/s^2.
    room = 0.07 * limits.reaction_s + 0.07**2 / (2.0 * limits.tcp_deceleration)
    assert np.all(np.array(workspace.lower) - limits.box_lower >= room)
    assert np.all(np.array(limits.box_upper) - workspace.upper >= room)
    assert np.all(TCP_LOWER - limits.box_lower >= room) and np.all(limits.box_upper - TCP_UPPER >= room)
    assert limits.box_lower[2] > 0.0498, "above the floor of the basket"
