"""True state of an emulated robot, for tests of a driver."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_sim.emulation.arm import EmulatedArm
from helms_sim.emulation.controller import Mode
from helms_sim.emulation.intera import power_of
from helms_sim.scene.names import ARM

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One instant.

    Attributes:
        time: s of the emulation since its start.
        mode: of the joint controller.
        wanted: (7,) newest velocity command in force, rad/s; zero in other modes.
        velocity: (7,) of the set points, rad/s, after the limits.
        joints: (7,) measured, rad.
        speeds: (7,) measured, rad/s.
        pinch: (3,) point between the fingertips, m, base frame.
        objects: (3, 7) red, green, blue: position m, quaternion wxyz, base frame.
        fingers: position, tics: 0 open, 255 closed.
        holds: whether the gripper reports an object.
        power: fields of /robot/state.
        received: number of executed joint commands.
        refused: number of rejected joint commands.
        problem: reason of the last rejection.
        timeouts: number of command timeouts.
        reward: of the task, in [0, 1].
        stage: of the task.
        success: whether the task is done.
    """

    time: float
    mode: Mode
    wanted: Array
    velocity: Array
    joints: Array
    speeds: Array
    pinch: Array
    objects: Array
    fingers: float
    holds: bool
    power: dict[str, Any]
    received: int
    refused: int
    problem: str
    timeouts: int
    reward: float
    stage: int
    success: bool

    def still(self, tolerance: float = 0.01) -> bool:
        """Whether no joint moves faster than `tolerance`, rad/s."""
        return bool(np.abs(self.speeds).max() <= tolerance)


def look_at(arm: EmulatedArm, time: float) -> Look:
    """Return the state of an arm at a time, s."""
    data, control, outcome = arm.cell.data, arm.controller, arm.judge()
    return Look(
        time=time,
        mode=control.mode,
        wanted=control.wanted.copy(),
        velocity=control.velocity.copy(),
        joints=data.qpos[ARM].copy(),
        speeds=data.qvel[ARM].copy(),
        pinch=data.site_xpos[arm.cell.names.pinch].copy(),
        objects=arm.objects(),
        fingers=arm.state.gripper,
        holds=arm.gripper.holds,
        power=power_of(arm.assembly),
        received=control.received,
        refused=arm.refused,
        problem=arm.problem,
        timeouts=control.timeouts,
        reward=outcome.reward,
        stage=outcome.stage,
        success=outcome.success,
    )
