"""The stacking cell as MuJoCo runs it: command in, physics, readings out."""

from collections.abc import Sequence

import mujoco
import numpy as np
import numpy.typing as npt

from helms_control.control.cartesian import CartesianController
from helms_control.errors import HelmsError
from helms_sim.cell.kinematics import site_jacobian, solve_ik
from helms_sim.cell.start import Start
from helms_sim.scene.model import GRAVITY, SUBSTEPS
from helms_sim.scene.names import ARM, GRIPPER, OBJECT_QPOS, OBJECT_QVEL, Names

Array = npt.NDArray[np.float64]

FINGER_SPEED = 255.0
"""Speed of the finger target, tics/s; as in the reference only the sign of a command counts."""
_SENSORS_OFF = int(mujoco.mjtDisableBit.mjDSBL_SENSOR)
# MuJoCo would silently restart a diverged simulation; the environment ends the episode instead.
_NO_AUTORESET = int(mujoco.mjtDisableBit.mjDSBL_AUTORESET)
_MAX_SPEED = 1000.0
_MAX_POSITION = 100.0


class DivergedError(HelmsError):
    """The physics left the range of finite, plausible numbers."""


class Cell:
    """One simulated cell; all quantities in the Sawyer base frame.

    Attributes:
        model: compiled model of the current objects.
        data: MuJoCo's state, consistent (forward kinematics, contacts, sensors) after every call.
        names: indices into the model.
        jacobian: (6, 7) of the wrist at the current state.
    """

    model: mujoco.MjModel
    data: mujoco.MjData
    names: Names
    jacobian: Array

    def __init__(self, controller: CartesianController | None = None) -> None:
        """Prepare an empty cell; `use` gives it a model."""
        self.controller = controller or CartesianController()

    def use(self, model: mujoco.MjModel) -> None:
        """Take a compiled cell model."""
        self.model = model
        self.names = Names.of(model)
        self.data = mujoco.MjData(model)
        self._flags = model.opt.disableflags | _NO_AUTORESET

    def reset(self, start: Start) -> None:
        """Set tool and objects to their start, and run one control step of the arm's null-space motion.

        Raises:
            ReachError: the tool pose is out of reach.
        """
        model, data = self.model, self.data
        mujoco.mj_resetData(model, data)
        joints = solve_ik(model, data, self.names.pinch, start.tool_position, start.tool_quaternion)
        data.qpos[ARM] = data.act[ARM] = joints
        self.weigh_objects()
        data.qpos[OBJECT_QPOS] = start.objects.ravel()
        self.refresh()
        self.step((0.0, 0.0, 0.0, 0.0, -FINGER_SPEED))
        # The objects start at rest, at the poses of the settling model.
        data.qpos[OBJECT_QPOS] = start.objects.ravel()
        data.qvel[OBJECT_QVEL] = 0.0
        data.qacc_warmstart[:] = 0.0
        self.refresh()

    def step(self, command: Sequence[float]) -> None:
        """Run one control step of 50 ms.

        Args:
            command: x, y, z velocity (m/s, base axes), rotation about base +z (rad/s), finger speed (tics/s, positive
                closes, zero holds; only its sign counts): five numbers.

        Raises:
            DivergedError: positions or velocities are no longer finite or plausible.
        """
        fingers = command[4]
        self.data.ctrl[ARM] = self.joint_velocity(command)
        self.data.ctrl[GRIPPER] = FINGER_SPEED if fingers > 0.0 else -FINGER_SPEED if fingers < 0.0 else 0.0
        self.advance(SUBSTEPS)

    def joint_velocity(self, command: Sequence[float]) -> Array:
        """Return the joint velocities (7,), rad/s, of `step` for a command."""
        data = self.data
        x, y, z, turn, _ = command
        rotation = data.site_xmat[self.names.wrist].reshape(3, 3)
        pinch = data.site_xpos[self.names.pinch].tolist()
        twist = self.controller.twist((x, y, z), turn, rotation, pinch, float(data.qpos[6]))
        return self.controller.joint_velocity(self.jacobian, twist, data.qpos[ARM])

    def advance(self, substeps: int) -> None:
        """Run physics steps with the controls in `data.ctrl`.

        Args:
            substeps: number of physics steps, 1 or more.

        Raises:
            DivergedError: positions or velocities are no longer finite or plausible.
        """
        model, data = self.model, self.data
        # The state is left after mj_step1, so that positions, contacts and velocities belong together; the forces that
        # the sensors report are those of the last full substep, 2.5 ms before. No step is computed twice.
        if substeps > 1:
            model.opt.disableflags = self._flags | _SENSORS_OFF
            mujoco.mj_step2(model, data)
            mujoco.mj_step(model, data, nstep=substeps - 2)
            model.opt.disableflags = self._flags
            mujoco.mj_step(model, data)
        else:
            mujoco.mj_step2(model, data)
        mujoco.mj_step1(model, data)
        # Written so that NaN fails the comparison.
        if not (data.qvel @ data.qvel < _MAX_SPEED**2 and data.qpos @ data.qpos < _MAX_POSITION**2):
            raise DivergedError(
                f"the physics diverged at {data.time:.2f} s: norm of the velocities {np.linalg.norm(data.qvel):.3g} "
                f"(allowed {_MAX_SPEED:g}), of the positions {np.linalg.norm(data.qpos):.3g} (allowed "
                f"{_MAX_POSITION:g}). Reset the episode; the last states tell how it came to this."
            )
        self.jacobian = site_jacobian(model, data, self.names.wrist)

    def weigh_objects(self) -> None:
        """Let gravity act on the objects, and on them alone, at their centres of mass."""
        for body in self.names.objects:
            self.data.xfrc_applied[body, 2] = -GRAVITY * self.model.body_mass[body]

    def refresh(self) -> None:
        """Update derived quantities after positions, velocities and targets were set."""
        self.model.opt.disableflags = self._flags
        mujoco.mj_forward(self.model, self.data)
        self.jacobian = site_jacobian(self.model, self.data, self.names.wrist)
