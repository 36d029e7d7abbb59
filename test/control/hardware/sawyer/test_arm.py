"""Joint states by name, and joint limits reported by the robot."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.sawyer.arm import joint_reading, live_limits
from helms_control.robot.sawyer import JOINT_NAMES
from helms_control.safety.joints import SAWYER


def states(names: tuple[str, ...], **changes: Any) -> Any:  # noqa: ANN401
    """A JointState message whose numbers tell the joint they belong to."""
    count = len(names)
    own = {"position": np.arange(count) + 0.1, "velocity": np.arange(count) + 0.2, "effort": np.arange(count) + 0.3}
    return SimpleNamespace(name=list(names), **(own | changes))


def test_joints_are_looked_up_by_name_whatever_their_order() -> None:
    names = ("head_pan", *reversed(JOINT_NAMES), "torso_t0")
    reading = joint_reading(states(names), 3.0)
    assert reading is not None
    np.testing.assert_allclose(reading.position, [7.1, 6.1, 5.1, 4.1, 3.1, 2.1, 1.1])
    np.testing.assert_allclose(reading.velocity, reading.position + 0.1)
    np.testing.assert_allclose(reading.effort, reading.position + 0.2)
    assert reading.stamp == 3.0


def test_a_message_about_other_joints_is_passed_over() -> None:
    assert joint_reading(states(("head_pan", "right_gripper")), 0.0) is None


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (states(JOINT_NAMES[:6]), "must name each of right_j0, .* once"),
        (states((*JOINT_NAMES, "right_j3")), "must name each of right_j0, .* once"),
        (states(JOINT_NAMES, velocity=[]), "sends 0 numbers of velocity, too few"),
    ],
)
def test_an_arm_that_is_not_whole_is_refused(message: Any, words: str) -> None:  # noqa: ANN401
    with pytest.raises(HelmsError, match=words):
        joint_reading(message, 0.0)


def limits(**changes: Any) -> Any:  # noqa: ANN401
    """A JointLimits message of Sawyer with its head."""
    own = {
        "position_lower": [-5.0, *SAWYER.lower],
        "position_upper": [1.0, *SAWYER.upper],
        "velocity": [1.8, *SAWYER.velocity],
        "accel": [10.0, *SAWYER.acceleration],
    }
    return SimpleNamespace(**({"joint_names": ["head_pan", *JOINT_NAMES]} | own | changes))


def test_reported_limits_only_ever_narrow() -> None:
    wide = live_limits(limits(velocity=np.full(8, 50.0), accel=np.full(8, 3.0)))
    np.testing.assert_allclose(wide.velocity, SAWYER.velocity)
    np.testing.assert_allclose(wide.acceleration, 3.0)
    np.testing.assert_allclose(wide.lower, SAWYER.lower)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"accel": np.zeros(8)}, "limits on acceleration must be positive"),
        ({"velocity": [np.nan] * 8}, "limits on velocity must be 7 finite numbers"),
        ({"joint_names": ["head_pan"]}, "joint limits must name right_j0"),
        ({"position_lower": [0.0]}, "sends 1 numbers of position_lower, too few"),
        ({"position_lower": np.full(8, 9.0)}, "lower joint limit must be below"),
    ],
)
def test_limits_that_do_not_limit_are_refused(bad: dict[str, Any], words: str) -> None:
    with pytest.raises(HelmsError, match=words):
        live_limits(limits(**bad))
