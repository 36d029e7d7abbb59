"""Full state of an emulated robot's cell, for demonstrator and viewer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_sim.episode import EpisodeConfig

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """State of the cell.

    Attributes:
        config: task, object set and randomisation of the episode.
        seed: of the episode.
        qpos: MuJoCo's positions, SI units; likewise the next three.
        qvel: velocities.
        act: activations.
        ctrl: controls.
        holds: whether the gripper reports an object.
    """

    config: EpisodeConfig
    seed: int
    qpos: Array
    qvel: Array
    act: Array
    ctrl: Array
    holds: bool
