"""Sensors of the cell: the state for rewards, and the observation of the contract."""

import mujoco
import numpy as np
import numpy.typing as npt

from helms_control.spec import OBJECTS, PROPRIOCEPTION
from helms_sim.cell import contacts
from helms_sim.cell.cell import Cell
from helms_sim.scene.names import ARM, GRIPPER, LEFT_DRIVER, OBJECT_QPOS
from helms_sim.tasks import CellState

Array = npt.NDArray[np.float64]

TICS_PER_RADIAN = 255.0 / 0.8
"""Gripper tics per angle of the driver joint."""


def gripper_position(cell: Cell) -> float:
    """Finger position as the gripper counts it: whole tics from 0 (open) to 255 (closed)."""
    return float(round(min(max(float(cell.data.qpos[LEFT_DRIVER]) * TICS_PER_RADIAN, 0.0), 255.0)))


def read_state(cell: Cell) -> CellState:
    """Read the state for rewards."""
    data, names, bits = cell.data, cell.names, contacts.touches(cell)
    red, green, blue = (tuple(data.xpos[body].tolist()) for body in names.objects)
    gripped = contacts.LEFT_GRIP | contacts.RIGHT_GRIP
    return CellState(
        pinch=tuple(data.site_xpos[names.pinch].tolist()),
        gripper=gripper_position(cell),
        # Until the fingers open: the real gripper also keeps reporting an object on which it has stopped.
        grasp=bits & gripped == gripped and bool(data.ctrl[GRIPPER] >= 0.0),
        positions=(red, green, blue),
        touching=(bool(bits & contacts.RED_GREEN), bool(bits & contacts.RED_BLUE), bool(bits & contacts.GREEN_BLUE)),
        robot_touching=(
            bool(bits & contacts.ROBOT_RED),
            bool(bits & contacts.ROBOT_GREEN),
            bool(bits & contacts.ROBOT_BLUE),
        ),
    )


class Sensors:
    """Packs the readings of a cell into the contract's vectors, reusing its arrays.

    Attributes:
        proprioception: (43,) see `helms_control.spec.PROPRIOCEPTION`.
        objects: (42,) see `helms_control.spec.OBJECTS`.
        named: views into `proprioception` by field name.
    """

    def __init__(self) -> None:
        """Lay out the vectors."""
        self.proprioception: Array = np.zeros(PROPRIOCEPTION.size)
        self.objects: Array = np.zeros(OBJECTS.size)
        own = PROPRIOCEPTION.unpack(self.proprioception)
        self.named = own
        self._tool = own["tcp_pose"][:3], own["tcp_pose"][3:]
        self._velocity = own["tcp_velocity"]
        # The contract's order lets the poses be copied in one piece: red, green, blue, then their offsets.
        poses, offsets = self.objects.reshape(2, 3, 7)
        self._poses, self._positions, self._offsets = poses, poses[:, :3], offsets[:, :3]
        self._turns = list(zip(poses[:, 3:], offsets[:, 3:], strict=True))
        self._inverse = np.zeros(4)

    def read(self, cell: Cell, grasp: bool) -> None:
        """Refresh both vectors from a cell; the grasp sensor's value comes from `read_state`."""
        data, own, sensordata = cell.data, self.named, cell.data.sensordata
        own["joint_angle"][:] = data.qpos[ARM]
        own["joint_velocity"][:] = data.qvel[ARM]
        # Along each joint's own axis, the z axis of its sensor.
        own["joint_torque"][:] = sensordata[2:21:3]
        own["gripper_angle"][0] = gripper_position(cell)
        own["gripper_velocity"][0] = data.qvel[LEFT_DRIVER] * TICS_PER_RADIAN
        own["wrist_force"][:] = sensordata[21:24]
        own["wrist_torque"][:] = sensordata[24:27]
        own["grasp"][0] = grasp
        self._read_tool(cell)
        self._read_objects(cell)

    def _read_tool(self, cell: Cell) -> None:
        data, names, velocity = cell.data, cell.names, self._velocity
        position, quaternion = self._tool
        position[:] = data.site_xpos[names.pinch]
        mujoco.mju_mat2Quat(quaternion, data.site_xmat[names.pinch])
        _keep_scalar_positive(quaternion)
        velocity[:] = cell.jacobian @ data.qvel[ARM]
        # From the flange to the pinch point: v + w x r.
        wx, wy, wz = velocity[3:].tolist()
        rx, ry, rz = (position - data.site_xpos[names.wrist]).tolist()
        velocity[:3] += (wy * rz - wz * ry, wz * rx - wx * rz, wx * ry - wy * rx)

    def _read_objects(self, cell: Cell) -> None:
        pinch, quaternion = self._tool
        mujoco.mju_negQuat(self._inverse, quaternion)
        self._poses[:] = cell.data.qpos[OBJECT_QPOS].reshape(3, 7)
        np.subtract(self._positions, pinch, out=self._offsets)
        for orientation, turn in self._turns:
            mujoco.mju_mulQuat(turn, self._inverse, orientation)
            _keep_scalar_positive(orientation)
            _keep_scalar_positive(turn)


def _keep_scalar_positive(quaternion: Array) -> None:
    if quaternion[0] < 0.0:
        np.negative(quaternion, out=quaternion)
