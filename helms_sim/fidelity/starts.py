"""Comparison of start states with recorded ones."""

import mujoco
import numpy as np
import numpy.typing as npt

from helms_sim.cell.cell import Cell
from helms_sim.episode import EpisodeConfig, draw_episode
from helms_sim.scene.model import cell_model
from helms_sim.scene.names import ARM

Array = npt.NDArray[np.float64]


HEIGHT_RESOLUTION = 1e-4
"""Heights are compared to 0.1 mm: objects at rest rock on their corners, by micrometres and by the solver's version."""


def sample_starts(count: int, seed: int, object_set: int = 4) -> dict[str, Array]:
    """Draw start states as episodes begin.

    Args:
        count: number of starts, N.
        seed: of the first; each has its own.
        object_set: 1 to 5.

    Returns:
        `tcp` (N, 4): pinch position m and yaw rad; `joint_angle` (N, 7) rad; `height` (N, 3) of the resting red, green
        and blue object, m.
    """
    cell, rows = Cell(), []
    for index in range(count):
        episode = draw_episode(EpisodeConfig(object_set=object_set), np.random.default_rng(seed + index))
        cell.use(cell_model(episode.triplet))
        cell.reset(episode.start)
        tool, quaternion = cell.data.site_xpos[cell.names.pinch], np.empty(4)
        mujoco.mju_mat2Quat(quaternion, cell.data.site_xmat[cell.names.pinch])
        rows.append((np.array([*tool, yaw_of(quaternion)]), cell.data.qpos[ARM].copy(), episode.start.objects[:, 2]))
    tcp, joints, heights = (np.array(column) for column in zip(*rows, strict=True))
    return {"tcp": tcp, "joint_angle": joints, "height": _rounded(heights)}


def recorded_starts(joint_angle: Array, pinch_pose: Array, objects: Array) -> dict[str, Array]:
    """Bring recorded starts, (N, 7), (N, 7) and (N, 3, 7), into the form of `sample_starts`."""
    yaws = np.array([yaw_of(pose[3:]) for pose in pinch_pose])
    return {
        "tcp": np.column_stack([pinch_pose[:, :3], yaws]),
        "joint_angle": joint_angle,
        "height": _rounded(objects[:, :, 2].astype(np.float64)),
    }


def _rounded(heights: Array) -> Array:
    return np.asarray(np.round(heights / HEIGHT_RESOLUTION) * HEIGHT_RESOLUTION)


def yaw_of(quaternion: Array) -> float:
    """Rotation about base +z, rad, of a tool that points down; quaternion (4,) wxyz."""
    return float((2.0 * np.arctan2(quaternion[2], quaternion[1]) + np.pi) % (2.0 * np.pi) - np.pi)
