"""Observations of the cell, and what the features make of them."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from helms_control.features import push, room, spot, tool
from helms_control.features.features import FEATURES
from helms_control.features.geometry import pack
from helms_sim.env import Observation, StackEnv

Array = npt.NDArray[Any]


class Parts(NamedTuple):
    """Parts of the features `affordances` of one frame, without leading dimensions."""

    robot: Array
    tool: Array
    spot: Array
    push: Array
    room: Array

    @property
    def turned(self) -> Array:
        """Rotation from base to tool axes, (3, 3)."""
        cosine, sine = self.robot[:2].tolist()
        return np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def settled(env: StackEnv, seed: int, steps: int = 10) -> Observation:
    """Begin an episode, let everything come to rest, and return what is observed."""
    seen, _ = env.reset(seed=seed)
    for _ in range(steps):
        seen, *_ = env.step(np.zeros(5))
    return seen


def parts_of(env: StackEnv, seen: Observation, yaw: float | None = None) -> Parts:
    """Return the features of the newest frame, with the tool turned as wished."""
    features = FEATURES["affordances"]
    robot = features.robot(seen["proprioception"][0])
    if yaw is not None:
        robot[:3] = np.cos(yaw), np.sin(yaw), yaw
    scene = features.scene(seen["objects"][0], robot, pack(env.episode.shapes))
    sizes = (tool.SIZE, spot.SIZE, push.SIZE, room.SIZE)
    assert sum(sizes) == len(scene)
    return Parts(robot, *np.split(scene, np.cumsum(sizes)[:-1]))
