"""The cell driven by the emulated robot's own controllers: arm, power, fingers; time is an argument."""

from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.safety.joints import SAWYER, JointLimits
from helms_sim.cell import contacts
from helms_sim.cell.cell import Cell
from helms_sim.cell.reading import TICS_PER_RADIAN, read_state
from helms_sim.emulation.assembly import Assembly
from helms_sim.emulation.controller import JointCommand, JointController
from helms_sim.emulation.fingers import CellGripper
from helms_sim.env import StackEnv
from helms_sim.scene.model import CONTROL_PERIOD, SUBSTEPS
from helms_sim.scene.names import ARM, GRIPPER, LEFT_DRIVER, OBJECT_QPOS
from helms_sim.tasks import CellState, Outcome, make_task

Array = npt.NDArray[np.float64]

SUBSTEP_S = CONTROL_PERIOD / SUBSTEPS
"""Duration of a physics step, s."""
_OWN = slice(0, 11)
"""Arm and fingers in qpos and qvel."""
_BOTH = contacts.LEFT_GRIP | contacts.RIGHT_GRIP


class EmulatedArm:
    """A Sawyer with its gripper in the cell of a `StackEnv`, without transport.

    Attributes:
        env: draws the episodes; its steps are not used.
        seed: of the present episode.
        controller: of the joints.
        assembly: of the motors' power.
        gripper: at its registers.
        state: newest state for the tasks.
        refused: number of rejected joint commands.
        problem: reason of the last rejection.
    """

    def __init__(self, env: StackEnv, seed: int, limits: JointLimits = SAWYER) -> None:
        """Begin the episode of a seed; the robot is enabled, and holds the angles it starts with.

        Args:
            env: the cell with task, object set and randomisation.
            seed: the same seed, the same episode as `env.reset` gives.
            limits: of the joints.

        Raises:
            HelmsError: as for `StackEnv.reset`.
        """
        env.reset(seed=seed)
        self.seed = seed
        self.env, self.assembly, self.gripper = env, Assembly(), CellGripper()
        self.controller = JointController(self.cell.data.act[ARM], limits)
        self.refused, self.problem = 0, ""
        self.state: CellState
        self._braked = False
        self._settle()

    @property
    def cell(self) -> Cell:
        """The running cell."""
        return self.env.cell

    @property
    def powered(self) -> bool:
        """Whether the arm follows commands; otherwise its brakes are closed."""
        return self.assembly.ready and not self.assembly.stopped

    def reset(self, seed: int, options: dict[str, Any] | None = None, arm: bool = True) -> None:
        """Begin another episode; power, modes and the gripper's registers stay as they are.

        Args:
            seed: as for `StackEnv.reset`.
            options: as there.
            arm: whether arm and fingers jump to the episode's start, too; otherwise only the objects are placed, as
                by hand.

        Raises:
            HelmsError: a seed or option that does not exist; nothing has changed.
        """
        data = self.cell.data
        before = data.qpos[_OWN].copy(), data.qvel[_OWN].copy(), data.act.copy()
        self.env.reset(seed=seed, options=options)
        self.seed = seed
        if not arm:
            data = self.cell.data
            data.qpos[_OWN], data.qvel[_OWN], data.act[:] = before
            data.qacc_warmstart[:] = 0.0
            self.cell.refresh()
            self._look()
        else:
            self._settle()

    def command(self, now: float, command: JointCommand) -> None:
        """Receive a joint command at a time in s; an invalid one, or one without power, is counted and dropped."""
        try:
            if not self.powered:
                raise HelmsError("joint command while the robot is disabled, stopped or not homed")
            self.controller.command(now, command)
        except HelmsError as error:
            self.refused, self.problem = self.refused + 1, str(error)

    def advance(self, now: float, substeps: int) -> None:
        """Advance the cell.

        Args:
            now: time at the start, s.
            substeps: physics steps of 2.5 ms.

        Raises:
            DivergedError: the physics diverged.
        """
        data, dt = self.cell.data, substeps * SUBSTEP_S
        self.assembly.step(now)
        if self.powered:
            data.ctrl[ARM] = self.controller.step(now, dt, data.qpos[ARM], data.act[ARM])
        elif not self._braked:
            data.act[ARM] = data.qpos[ARM]
            data.ctrl[ARM] = 0.0
            self.controller.brake(data.qpos[ARM])
        self._braked = not self.powered
        data.ctrl[GRIPPER] = self.gripper.rate(float(data.act[GRIPPER]), dt)
        self.cell.advance(substeps)
        self._look()

    def judge(self) -> Outcome:
        """Return reward, stage and success of the current state, as the environment does."""
        return make_task(self.env.config.task).evaluate(self.state, self.env.reward_kind)

    def still(self, tolerance: float = 0.01) -> bool:
        """Whether no joint moves faster than `tolerance`, rad/s."""
        return bool(np.abs(self.cell.data.qvel[ARM]).max() <= tolerance)

    def objects(self) -> Array:
        """Return the objects' poses (3, 7): red, green, blue; position m, quaternion wxyz, base frame."""
        poses: Array = self.cell.data.qpos[OBJECT_QPOS].reshape(3, 7)
        return poses.copy()

    def _settle(self) -> None:
        """Hold the arm at its current angles."""
        self.controller.brake(self.cell.data.act[ARM])
        self._braked = False
        self._look()

    def _look(self) -> None:
        fingers = float(self.cell.data.qpos[LEFT_DRIVER]) * TICS_PER_RADIAN
        self.gripper.see(min(max(fingers, 0.0), 255.0), contacts.touches(self.cell) & _BOTH == _BOTH)
        self.state = read_state(self.cell)
        # As the gripper reports it; the cell's own sensor depends on its actuator's command.
        self.state.grasp = self.gripper.holds
