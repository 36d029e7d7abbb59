"""Forward and inverse kinematics of the arm on the compiled model."""

import mujoco
import numpy as np
import numpy.typing as npt

from helms_control.control.cartesian import LOWER, UPPER
from helms_control.errors import HelmsError
from helms_sim.scene.model import PREFIX
from helms_sim.scene.names import ARM

Array = npt.NDArray[np.float64]

CENTRE = 0.5 * (LOWER + UPPER)
"""(7,) centre of each joint's range, rad: the posture that start states are drawn to."""
_POSTURE_GAIN = 0.4
_MAX_JOINT_STEP = 0.5
_ITERATIONS = 100
_TOLERANCE = 1e-6


class ReachError(HelmsError):
    """No joint angles within the limits bring the tool to a pose."""


def site_jacobian(model: mujoco.MjModel, data: mujoco.MjData, site: int) -> Array:
    """Jacobian (6, 7) of a site with respect to the arm: rows linear then angular, base axes."""
    full = np.empty((6, model.nv))
    mujoco.mj_jacSite(model, data, full[:3], full[3:], site)
    return full[:, ARM]


def solve_ik(model: mujoco.MjModel, data: mujoco.MjData, site: int, position: Array, quaternion: Array) -> Array:
    """Find the joint angles for a pose of a site that lie nearest to the centre of the joint ranges.

    The start states of the RGB-stacking environment are the best of 30 randomly started attempts of the same
    iteration; from the centre of the ranges one attempt finds the same angles (to 1 mrad on its 120 recorded starts).

    Args:
        model: a cell model.
        data: scratch; its arm angles are overwritten.
        site: the site to place.
        position: (3,) m, base frame.
        quaternion: (4,) wxyz, base frame.

    Returns:
        (7,) joint angles, rad.

    Raises:
        ReachError: the pose is out of reach.
    """
    joints: Array = CENTRE.copy()
    before = CENTRE
    error = np.full(6, np.inf)
    for _ in range(_ITERATIONS):
        data.qpos[ARM] = joints
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        error = pose_error(data, site, position, quaternion)
        if np.linalg.norm(error) < _TOLERANCE and np.max(np.abs(joints - before)) < _TOLERANCE:
            break
        jacobian = site_jacobian(model, data, site)
        inverse = jacobian.T @ np.linalg.inv(jacobian @ jacobian.T + 1e-6 * np.eye(6))
        bias = _POSTURE_GAIN * (CENTRE - joints)
        step = bias + inverse @ (error - jacobian @ bias)
        step *= min(1.0, _MAX_JOINT_STEP / np.max(np.abs(step)))
        before, joints = joints, np.clip(joints + step, LOWER, UPPER)
    if np.linalg.norm(error) > 1e-3:
        raise ReachError(
            f"no joint angles bring the tool to position {np.round(position, 3).tolist()} m with orientation "
            f"{np.round(quaternion, 3).tolist()}; the remaining error is {np.linalg.norm(error):.3f}. "
            "Choose a pose inside the start range of the cell."
        )
    return joints


def pose_error(data: mujoco.MjData, site: int, position: Array, quaternion: Array) -> Array:
    """Error (6,) that would bring a site to a pose: translation m, rotation vector rad, base axes."""
    current, inverse, turn, error = np.empty(4), np.empty(4), np.empty(4), np.empty(6)
    mujoco.mju_mat2Quat(current, data.site_xmat[site])
    mujoco.mju_negQuat(inverse, current)
    mujoco.mju_mulQuat(turn, quaternion, inverse)
    if turn[0] < 0.0:
        turn = -turn
    mujoco.mju_quat2Vel(error[3:], turn, 1.0)
    error[:3] = position - data.site_xpos[site]
    return error


def link_poses(model: mujoco.MjModel, data: mujoco.MjData) -> dict[str, Array]:
    """Poses (7,) of the robot's bodies, position m and quaternion wxyz, base frame, by name without prefix."""
    links = ((body, model.body(body).name.removeprefix(PREFIX)) for body in range(model.nbody))
    return {
        name: np.concatenate([data.xpos[body], data.xquat[body]])
        for body, name in links
        if model.body(body).name.startswith(PREFIX)
    }
