"""Measurements of the emulated Sawyer."""

from dataclasses import dataclass

import mujoco
import numpy as np
import numpy.typing as npt

from helms_sim.cell.cell import Cell
from helms_sim.cell.kinematics import site_jacobian
from helms_sim.scene.model import GRAVITY, PREFIX
from helms_sim.scene.names import ARM

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tip:
    """A frame on the last link, in the base frame.

    Attributes:
        position: (3,) m.
        quaternion: (4,) wxyz.
        velocity: (6,) linear m/s, then angular rad/s, base axes.
    """

    position: Array
    quaternion: Array
    velocity: Array


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One instant of the arm.

    Attributes:
        joints: (7,) angles, rad.
        velocity: (7,) rad/s.
        effort: (7,) joint torques, Nm, including the arm's weight.
        gravity: (7,) share of the arm's weight in them.
        hand: of right_hand, the flange.
        pinch: of the point between the fingertips.
        wrench: (6,) force (N) and torque (Nm) of the arm on tool and world at the origin of right_hand, base axes: from
            the joint torques without weight, by the transposed Jacobian.
    """

    joints: Array
    velocity: Array
    effort: Array
    gravity: Array
    hand: Tip
    pinch: Tip
    wrench: Array


class Instruments:
    """Reads a cell; indices are looked up once for each model."""

    def __init__(self, cell: Cell) -> None:
        """Prepare for the cell's present model."""
        self._cell, model = cell, cell.model
        self.model = model
        self._bodies = model.jnt_bodyid[ARM]
        self._sensor = model.site(f"{PREFIX}wrist_sensor").id
        self._weights = GRAVITY * model.body_subtreemass[self._bodies]

    def read(self) -> Reading:
        """Read the current state; every array is a copy."""
        data, names = self._cell.data, self._cell.names
        gravity = self._gravity()
        return Reading(
            data.qpos[ARM].copy(),
            data.qvel[ARM].copy(),
            # Torques along each joint's own axis; the cell's arm has no weight of its own.
            data.sensordata[2:21:3] + gravity,
            gravity,
            self._tip(names.wrist, self._cell.jacobian),
            self._tip(names.pinch, site_jacobian(self.model, data, names.pinch)),
            self._wrench(),
        )

    def _gravity(self) -> Array:
        """Torques (7,) that balance the weight carried by each joint: weight times lever arm, about its axis."""
        data, bodies = self._cell.data, self._bodies
        arm = data.subtree_com[bodies] - data.xanchor[ARM]
        axes = data.xaxis[ARM]
        # Axis . (arm x (0, 0, +weight)): upwards, against gravity.
        torque: Array = self._weights * (axes[:, 0] * arm[:, 1] - axes[:, 1] * arm[:, 0])
        return torque

    def _tip(self, site: int, jacobian: Array) -> Tip:
        data, quaternion = self._cell.data, np.empty(4)
        mujoco.mju_mat2Quat(quaternion, data.site_xmat[site])
        return Tip(data.site_xpos[site].copy(), quaternion, jacobian @ data.qvel[ARM])

    def _wrench(self) -> Array:
        data, sensor = self._cell.data, self._sensor
        rotation = data.site_xmat[sensor].reshape(3, 3)
        force, torque = rotation @ data.sensordata[21:24], rotation @ data.sensordata[24:27]
        arm = data.site_xpos[sensor] - data.site_xpos[self._cell.names.wrist]
        return np.concatenate([force, torque + np.cross(arm, force)])
