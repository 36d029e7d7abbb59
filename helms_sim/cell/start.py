"""Start states of episodes: poses of tool and objects.

Ranges and procedure: RGB-stacking environment (DeepMind), measured. Objects are dropped at random, one after the other,
and left to settle with the reference's own contact model (scene/mjcf/settling.xml): it finds one contact point for a
pair of bodies, so that objects rock on their corners and sink 0.2 to 5 mm into the floor. Episodes are stepped with
several points for a pair, for stable stacks; only the start keeps the reference's sunken poses.
"""

from dataclasses import dataclass

import mujoco
import numpy as np
import numpy.typing as npt

from helms_sim.scene.model import GRAVITY, OBJECT_MASS

Array = npt.NDArray[np.float64]

TCP_LOWER = np.array([0.5, -0.14, 0.22])
TCP_UPPER = np.array([0.7, 0.14, 0.43])
"""Range of the pinch point, m, base frame."""
MAX_YAW = np.pi / 4
"""Largest rotation of the tool about the vertical, rad."""
DROP_LOWER = np.array([0.5, -0.1, 0.12])
DROP_UPPER = np.array([0.7, 0.1, 0.12])
"""Range of the objects' origins before they fall, m, base frame."""
ATTEMPTS = 20
"""Tries to place an object where it touches nothing; the last one stands."""
COARSE = (0.002, 400)
FINE = (0.0005, 400)
"""Time step (s) and steps of the two phases of settling: fall and roll, then the reference's own time step."""
_ASIDE = 10.0


@dataclass(frozen=True, slots=True)
class Start:
    """A start state."""

    tool_position: Array
    """(3,) pinch point, m, base frame."""
    tool_quaternion: Array
    """(4,) wxyz, base frame, pointing down."""
    objects: Array
    """(3, 7) poses of the red, green and blue object: position m, quaternion wxyz, base frame."""


def sample_tool(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw a pose of the tool: (3,) position m and (4,) quaternion wxyz, pointing down."""
    position = rng.uniform(TCP_LOWER, TCP_UPPER)
    half = 0.5 * rng.uniform(-MAX_YAW, MAX_YAW)
    # Half a turn about x points the tool down; the yaw about the vertical comes first in the product.
    return position, np.array([0.0, np.cos(half), np.sin(half), 0.0])


def sample_objects(model: mujoco.MjModel, rng: np.random.Generator) -> Array:
    """Drop the three objects and let them settle.

    Args:
        model: a settling model.
        rng: source of the draws.

    Returns:
        (3, 7) poses, base frame.
    """
    data = mujoco.MjData(model)
    data.qpos[0::7] += _ASIDE * np.arange(1, 4)
    for item in range(3):
        _place(model, data, item, rng)
    data.xfrc_applied[-3:, 2] = -OBJECT_MASS * GRAVITY
    for timestep, steps in (COARSE, FINE):
        model.opt.timestep = timestep
        mujoco.mj_step(model, data, nstep=steps)
    poses: Array = data.qpos.reshape(3, 7).copy()
    poses[:, 3:] /= np.linalg.norm(poses[:, 3:], axis=1, keepdims=True)
    return poses


def _place(model: mujoco.MjModel, data: mujoco.MjData, item: int, rng: np.random.Generator) -> None:
    pose = data.qpos[7 * item : 7 * item + 7]
    body = model.nbody - 3 + item
    for _ in range(ATTEMPTS):
        pose[:3] = rng.uniform(DROP_LOWER, DROP_UPPER)
        quaternion = rng.normal(size=4)
        pose[3:] = quaternion / np.linalg.norm(quaternion)
        mujoco.mj_kinematics(model, data)
        mujoco.mj_collision(model, data)
        if not np.any(model.geom_bodyid[data.contact.geom] == body):
            return
