"""Replay of recorded actions of the RGB-stacking environment in this cell, and comparison.

Shapes: T recorded steps; recorded readings have T + 1 rows, the first is the start.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import mujoco
import numpy as np
import numpy.typing as npt

from helms_sim.cell import contacts
from helms_sim.cell.cell import Cell
from helms_sim.cell.reading import Sensors, gripper_position
from helms_sim.objects import object_set
from helms_sim.scene.model import cell_model
from helms_sim.scene.names import ARM, OBJECT_QPOS

Array = npt.NDArray[np.float64]

_MOVED = 0.01
_TOUCH = contacts.ROBOT_RED | contacts.ROBOT_GREEN | contacts.ROBOT_BLUE


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded episode, in native units, base frame."""

    action: Array
    """(T, 5) commands: m/s, m/s, m/s, rad/s, tics/s."""
    joint_angle: Array
    """(T + 1, 7) rad."""
    joint_velocity: Array
    """(T + 1, 7) rad/s."""
    joint_torque: Array
    """(T + 1, 7) Nm."""
    pinch_pose: Array
    """(T + 1, 7) position m, quaternion wxyz."""
    gripper: Array
    """(T + 1,) or (T + 1, 1) tics."""
    wrist_force: Array
    """(T + 1, 3) N."""
    objects: Array
    """(T + 1, 3, 7) poses of red, green and blue."""

    @staticmethod
    def load(arrays: Mapping[str, npt.NDArray[np.float32]], name: str) -> "Recording":
        """Take episode `name` ("ep00") from an opened .npz file."""
        fields = Recording.__dataclass_fields__
        return Recording(**{field: arrays[f"{name}/{field}"].astype(np.float64) for field in fields})


@dataclass(frozen=True, slots=True)
class Deviation:
    """Differences from a recording after each of S compared steps."""

    position: Array
    """(S,) distance of the pinch points, m."""
    yaw: Array
    """(S,) difference of the tool's rotation about the vertical, rad."""
    gripper: Array
    """(S,) difference of the gripper positions, tics."""
    torque: Array
    """(S, 7) difference of the joint torques, Nm."""
    force: Array
    """(S, 3) difference of the wrist forces, N."""


def replay(recording: Recording, triplet: int = 4) -> Deviation:
    """Start at the recording's start, repeat its actions and compare, until the first contact.

    Args:
        recording: the episode.
        triplet: the object set it was recorded with.
    """
    cell, sensors = _cell_at(recording, triplet), Sensors()
    rows = []
    for step, command in enumerate(recording.action, start=1):
        x, y, z, turn, fingers = command.tolist()
        cell.step((x, y, z, turn, fingers))
        pushed = np.abs(recording.objects[step, :, :3] - recording.objects[0, :, :3]).max() > _MOVED
        if pushed or contacts.touches(cell) & _TOUCH:
            break
        sensors.read(cell, False)
        rows.append(_difference(sensors, gripper_position(cell), recording, step))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Deviation(*columns)


def _cell_at(recording: Recording, triplet: int) -> Cell:
    cell = Cell()
    red, green, blue = object_set(triplet, np.random.default_rng(0))
    cell.use(cell_model((red, green, blue)))
    data = cell.data
    data.qpos[ARM], data.qvel[ARM] = recording.joint_angle[0], recording.joint_velocity[0]
    # The recording does not hold the actuators' targets: they lead a steady motion by 50 / 500 of its velocity.
    data.act[ARM] = recording.joint_angle[0] + 0.1 * recording.joint_velocity[0]
    data.qpos[OBJECT_QPOS] = recording.objects[0].ravel()
    cell.weigh_objects()
    cell.refresh()
    return cell


def _difference(
    sensors: Sensors, gripper: float, recording: Recording, step: int
) -> tuple[float, float, float, Array, Array]:
    own = sensors.named
    pose = recording.pinch_pose[step]
    return (
        float(np.linalg.norm(own["tcp_pose"][:3] - pose[:3])),
        _yaw_between(own["tcp_pose"][3:], pose[3:]),
        abs(gripper - float(recording.gripper[step].squeeze())),
        own["joint_torque"] - recording.joint_torque[step],
        own["wrist_force"] - recording.wrist_force[step],
    )


def _yaw_between(first: Array, second: Array) -> float:
    inverse, turn, vector = np.empty(4), np.empty(4), np.empty(3)
    mujoco.mju_negQuat(inverse, second)
    mujoco.mju_mulQuat(turn, first, inverse)
    mujoco.mju_quat2Vel(vector, turn if turn[0] >= 0.0 else -turn, 1.0)
    return abs(float(vector[2]))
