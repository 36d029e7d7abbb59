"""The arm's kinematics from the simulated cell, as the reference for the safety layer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt

from helms_control.safety.inputs import RobotState
from helms_sim.cell.kinematics import site_jacobian, solve_ik
from helms_sim.episode import EpisodeConfig, draw_episode
from helms_sim.scene.model import cell_model
from helms_sim.scene.names import ARM, Names

Array = npt.NDArray[np.float64]
Changes = Mapping[str, Any]
"""Fields of the robot's state that differ from a robot in order."""

DOWN = np.array([0.0, 1.0, 0.0, 0.0])


class Arm:
    """Answers where the tool is, and how it moves, for any joint angles."""

    def __init__(self) -> None:
        """Compile the cell; its objects do not matter."""
        self.model = cell_model(draw_episode(EpisodeConfig(), np.random.default_rng(0)).triplet)
        self.data = mujoco.MjData(self.model)
        self.names = Names.of(self.model)

    def joints(self, x: float, y: float, z: float) -> Array:
        """Angles (7,) that put the pinch point there, m, with the tool pointing down."""
        return solve_ik(self.model, self.data, self.names.pinch, np.array([x, y, z]), DOWN)

    def tcp(self, joints: Array) -> Array:
        """Pinch point (3,), m."""
        self._place(joints)
        position: Array = self.data.site_xpos[self.names.pinch].copy()
        return position

    def jacobian(self, joints: Array) -> Array:
        """Jacobian (6, 7) of the pinch point."""
        self._place(joints)
        return site_jacobian(self.model, self.data, self.names.pinch)

    def state(self, joints: Array, now: float, changes: Changes | None = None) -> RobotState:
        """A robot in order at these angles and time, but for the changes."""
        state = RobotState(
            stamp=now,
            joints=joints.copy(),
            tcp=self.tcp(joints),
            jacobian=self.jacobian(joints),
            wrist_force=np.zeros(3),
            enabled=True,
            error=False,
            estop=False,
            collision=False,
            objects_stamp=now,
        )
        return replace(state, **(changes or {}))

    def _place(self, joints: Array) -> None:
        self.data.qpos[ARM] = joints
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)
