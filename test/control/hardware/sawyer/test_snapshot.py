"""A joint state replaced by another thread at every read: angles, pose and Jacobian are of one message."""

import itertools

import numpy as np
import numpy.typing as npt

from helms_control.control.kinematics import REFERENCE
from helms_control.hardware.sawyer.arm import JointReading
from helms_control.hardware.sawyer.ready import READY
from helms_control.hardware.sawyer.senses import Senses
from helms_control.spec import PROPRIOCEPTION
from test.control.hardware.sawyer.rig import CONFIG, Rig

FIELDS = PROPRIOCEPTION.slices
STEP = np.array([0.1, -0.1, 0.1, 0.1, -0.1, 0.1, 0.1])


class Hasty(Senses):
    """Every read of `joints` gives the next of two messages."""

    @property
    def joints(self) -> JointReading | None:
        return next(self._turns) if hasattr(self, "_turns") else None

    @joints.setter
    def joints(self, reading: JointReading | None) -> None:
        if reading is not None:
            other = JointReading(reading.stamp, reading.position + STEP, reading.velocity - 0.3, reading.effort)
            self._turns = itertools.cycle([reading, other])


def hasty() -> Rig:
    rig = Rig()
    senses = Hasty(CONFIG.senses, CONFIG.safety.state_age_s)
    rig.loop.senses = senses
    rig.velocity = np.full(7, 0.2)
    rig.say()
    return rig


def test_an_observation_is_of_one_message() -> None:
    rig, angles = hasty(), []
    for _ in range(6):
        own, _ = rig.loop.frame()
        joints, velocity = own[FIELDS["joint_angle"]], own[FIELDS["joint_velocity"]]
        pose = REFERENCE.pose(joints.astype(np.float64))
        np.testing.assert_allclose(own[FIELDS["tcp_pose"]][:3], pose.pinch, atol=1e-5)
        np.testing.assert_allclose(own[FIELDS["tcp_velocity"]], pose.pinch_jacobian @ velocity, atol=1e-5)
        angles.append(float(joints[0]))
    assert len(set(angles)) == 2, "both messages must have been observed"


def test_the_safety_layer_sees_one_message() -> None:
    rig, seen = hasty(), set()
    for _ in range(6):
        state = rig.loop.senses.state(rig.now, rig.loop.senses.arm())
        assert state is not None
        pose = REFERENCE.pose(state.joints)
        np.testing.assert_array_equal(state.tcp, pose.pinch)
        np.testing.assert_array_equal(state.jacobian, pose.pinch_jacobian)
        seen.add(float(state.joints[0]))
    assert seen == {float(READY[0]), float((READY + STEP)[0])}


def test_an_action_is_carried_out_where_its_message_is() -> None:
    """What the controller is given belongs together."""
    rig = hasty()
    rig.velocity = np.zeros(7)
    taken: list[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]] = []
    rig.loop.commander.act = lambda action, pose, joints, stamp: taken.append((pose.pinch, joints))  # type: ignore[method-assign]
    rig.loop.steps.begin(1)
    for _ in range(4):
        rig.offer(np.zeros(5))
        rig.loop.steps.advance("")
    assert len({tuple(joints) for _, joints in taken}) == 2
    for pinch, joints in taken:
        np.testing.assert_array_equal(pinch, REFERENCE.pose(joints).pinch)
