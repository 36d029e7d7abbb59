"""The simulated cell with velocity stream and safety layer before its actuators, at 100 Hz as on the robot."""

from collections.abc import Sequence

import mujoco
import numpy as np

from helms_control.control.cartesian import CartesianController
from helms_control.hardware.interpolate import VelocityStream
from helms_control.safety.inputs import RobotState, Wanted
from helms_control.safety.layer import SafetyLayer
from helms_control.spec import to_normalised
from helms_sim.cell.cell import FINGER_SPEED, Cell
from helms_sim.cell.kinematics import site_jacobian
from helms_sim.scene.names import ARM, GRIPPER

PERIOD = 0.01
TICKS = 5
"""Cycles of the layer in a control step."""


class GuardedCell(Cell):
    """A cell whose arm is told only what a safety layer lets through.

    Attributes:
        layer: the layer; armed at every reset.
    """

    def __init__(self, layer: SafetyLayer, controller: CartesianController | None = None) -> None:
        """Put a layer between."""
        super().__init__(controller)
        self.layer = layer
        self.stream = VelocityStream(0.5 * layer.limits.joints.acceleration, self.controller)
        self._now = 0.0

    def step(self, command: Sequence[float]) -> None:
        """Run one control step of 50 ms, in five cycles."""
        data, names = self.data, self.names
        self.layer.arm(self._now, self._state())
        fingers = self.stream.take(
            to_normalised(np.array(command)),
            data.site_xmat[names.wrist].reshape(3, 3),
            tuple(data.site_xpos[names.pinch].tolist()),
            data.qpos[ARM],
            self.jacobian,
        )
        data.ctrl[GRIPPER] = np.sign(fingers) * FINGER_SPEED
        stamp = self._now
        for _ in range(TICKS):
            self._now += PERIOD
            wanted = Wanted(self.stream.step(PERIOD), stamp)
            data.ctrl[ARM] = self.layer.step(self._now, wanted, self._state()).velocity
            mujoco.mj_step2(self.model, data)
            mujoco.mj_step(self.model, data, nstep=3)
            mujoco.mj_step1(self.model, data)
        self.jacobian = site_jacobian(self.model, data, names.wrist)

    def _state(self) -> RobotState:
        data = self.data
        return RobotState(
            stamp=self._now,
            joints=data.qpos[ARM].copy(),
            tcp=data.site_xpos[self.names.pinch].copy(),
            jacobian=site_jacobian(self.model, data, self.names.pinch),
            wrist_force=data.sensordata[21:24].copy(),
            enabled=True,
            error=False,
            estop=False,
            collision=False,
            objects_stamp=self._now,
        )
