"""Observation of the real arm by the contract: same numbers, units and frames as in simulation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.control import quaternion
from helms_control.control.kinematics import Pose
from helms_control.hardware.gripper.base import GripperStatus
from helms_control.hardware.sawyer.arm import JointReading
from helms_control.spec import COLOURS, OBJECTS, PROPRIOCEPTION, FrameStack

Array = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Felt:
    """Inputs of one frame of proprioception.

    Attributes:
        joints: newest reading.
        gravity: (7,) gravity compensation torques, Nm.
        pose: at these joint angles.
        force: (3,) N, exerted by the arm on the tool, sensor frame.
        torque: (3,) Nm, likewise.
        gripper: newest status; None counts as open and empty.
    """

    joints: JointReading
    gravity: Array
    pose: Pose
    force: Array
    torque: Array
    gripper: GripperStatus | None


def proprioception(felt: Felt) -> Vector:
    """Return one frame (43,) of `PROPRIOCEPTION`.

    Raises:
        ContractError: a number is not finite.
    """
    joints, pose, gripper = felt.joints, felt.pose, felt.gripper
    return PROPRIOCEPTION.pack(
        {
            "joint_angle": joints.position,
            "joint_velocity": joints.velocity,
            "joint_torque": joints.effort - felt.gravity,
            "tcp_pose": np.concatenate([pose.pinch, quaternion.of_rotation(pose.pinch_rotation)]),
            "tcp_velocity": pose.pinch_jacobian @ joints.velocity,
            # Whole tics, the gripper's own resolution.
            "gripper_angle": float(round(gripper.position)) if gripper else 0.0,
            "gripper_velocity": gripper.velocity if gripper else 0.0,
            "wrist_force": felt.force,
            "wrist_torque": felt.torque,
            "grasp": float(gripper.grasp) if gripper else 0.0,
        }
    )


def objects(poses: Array, pose: Pose) -> Vector:
    """Return one frame (42,) of `OBJECTS`.

    Args:
        poses: (3, 7) of the red, green and blue object, base frame.
        pose: of the arm.

    Raises:
        ContractError: a number is not finite.
    """
    back = quaternion.inverse(quaternion.of_rotation(pose.pinch_rotation))
    values = {}
    for colour, at in zip(COLOURS, poses, strict=True):
        values[f"{colour}_pose"] = at
        values[f"{colour}_to_pinch"] = np.concatenate([at[:3] - pose.pinch, quaternion.product(back, at[3:])])
    return OBJECTS.pack(values)


class Frames:
    """The last three frames of one episode, newest first."""

    def __init__(self) -> None:
        """Begin empty."""
        self._own, self._seen = FrameStack(PROPRIOCEPTION.size), FrameStack(OBJECTS.size)

    def add(self, own: Vector, seen: Vector, first: bool) -> tuple[Vector, Vector]:
        """Add a frame; the first of an episode fills all three.

        Returns:
            Proprioception (3, 43) and objects (3, 42).
        """
        if first:
            return self._own.reset(own), self._seen.reset(seen)
        return self._own.push(own), self._seen.push(seen)
