"""Application of drawn physics to a compiled cell and to its sensors."""

from types import MappingProxyType

import mujoco
import numpy as np
import numpy.typing as npt

from helms_control.spec import COLOURS, OBJECTS, PROPRIOCEPTION
from helms_control.spec.proprioception import GRIPPER_CLOSED
from helms_sim.randomisation.physics import Physics
from helms_sim.scene.names import ARM, GRIPPER

Array = npt.NDArray[np.float64]

NOISE = MappingProxyType(
    {
        "joint_angle": 1e-3,  # rad
        "joint_velocity": 1e-2,  # rad/s
        "joint_torque": 0.1,  # Nm
        "tcp_pose": 5e-4,  # m and quaternion components
        "tcp_velocity": 2e-3,  # m/s and rad/s
        "gripper_angle": 1.0,  # tics
        "gripper_velocity": 3.0,  # tics/s
        "wrist_force": 0.3,  # N
        "wrist_torque": 0.02,  # Nm
    }
)
"""Standard deviations of the noise on each field of the proprioception at scale 1; fields not named have none."""
OBJECT_NOISE = 2e-3
"""Standard deviation of the noise on object positions (m) and quaternion components at scale 1."""


def apply(physics: Physics, model: mujoco.MjModel) -> None:
    """Change a freshly compiled cell model in place.

    Sizes are not applied here: the model is compiled from objects of the drawn size.

    Args:
        physics: drawn values.
        model: a cell model nobody has applied anything to.
    """
    if physics.neutral:
        return
    for colour, mass, friction in zip(COLOURS, physics.object_mass, physics.object_friction, strict=True):
        body = model.body(colour)
        model.body_mass[body.id] *= mass
        model.body_inertia[body.id] *= mass
        model.geom_friction[model.geom(colour).id] *= friction
    for side in ("left", "right"):
        model.geom_friction[model.geom(f"robot/{side}_fingertip").id] *= physics.finger_friction
    model.geom_friction[model.geom_bodyid == model.body("basket").id] *= physics.basket_friction
    model.dof_damping[ARM] *= _column(physics.joint_damping, model.dof_damping)
    model.dof_frictionloss[ARM] *= physics.joint_friction
    for parameters in (model.actuator_gainprm, model.actuator_biasprm):
        parameters[ARM] *= np.array(physics.arm_gain)[:, None]
        parameters[GRIPPER] *= physics.gripper_gain
    model.actuator_forcerange[GRIPPER] *= physics.gripper_gain
    mujoco.mj_setConst(model, mujoco.MjData(model))


def _column(values: tuple[float, ...], array: npt.NDArray[np.float64]) -> Array:
    """Shape (7,) values so that they scale the rows of an array of one or of two dimensions."""
    return np.array(values).reshape((-1,) + (1,) * (array.ndim - 1))


def perturb(physics: Physics, proprioception: Array, objects: Array, rng: np.random.Generator) -> None:
    """Add the sensors' offsets and noise to the contract's vectors, (43,) and (42,), in place.

    Quaternions stay unit with a scalar part >= 0, the gripper still counts whole tics from 0 to 255, and the grasp flag
    is left alone.
    """
    proprioception[_FORCE] += physics.force_bias
    proprioception[_TORQUE] += physics.torque_bias
    if physics.noise == 0.0:
        return
    noise = rng.standard_normal(_DEVIATION.size)
    noise *= physics.noise * _DEVIATION
    proprioception += noise[: PROPRIOCEPTION.size]
    objects += noise[PROPRIOCEPTION.size :]
    proprioception[_GRIPPER] = min(max(round(float(proprioception[_GRIPPER])), 0.0), GRIPPER_CLOSED)
    _renormalise(proprioception[_TURN][None])
    _renormalise(objects.reshape(6, 7)[:, 3:])


def _deviation() -> Array:
    """Return the standard deviations at scale 1 of both vectors, one after the other, (85,)."""
    deviation = np.zeros(PROPRIOCEPTION.size + OBJECTS.size)
    for name, value in NOISE.items():
        deviation[PROPRIOCEPTION.slices[name]] = value
    deviation[PROPRIOCEPTION.size :] = OBJECT_NOISE
    return deviation


# Looked up once: this runs in every control step.
_DEVIATION = _deviation()
_FORCE, _TORQUE = PROPRIOCEPTION.slices["wrist_force"], PROPRIOCEPTION.slices["wrist_torque"]
_GRIPPER = PROPRIOCEPTION.slices["gripper_angle"].start
_TURN = slice(PROPRIOCEPTION.slices["tcp_pose"].start + 3, PROPRIOCEPTION.slices["tcp_pose"].stop)


def _renormalise(quaternions: Array) -> None:
    # Not np.linalg.norm, which takes longer than all the rest.
    norm = np.sqrt(np.add.reduce(quaternions * quaternions, axis=1, keepdims=True))
    quaternions /= np.copysign(norm, quaternions[:, :1])
