"""Observations of the demonstrator's episodes with their objects, for tests of features."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from helms_control.features.features import Features, stack
from helms_control.features.geometry import pack
from helms_sim.env import StackEnv
from helms_sim.rollout.actors import make_actor

Array = npt.NDArray[Any]

SETS = ("1", "2", "3", "4", "5", "heldout")
EVERY, COUNT = 12, 15
"""Control steps between two observations, and their number; in 9 s the demonstrator reaches, holds and stacks."""


class States(NamedTuple):
    """N observations.

    Attributes:
        proprioception: (N, 3, 43), newest frame first.
        objects: (N, 3, 42), newest frame first.
        vertices: of the three objects of each, (V, 3).
    """

    proprioception: Array
    objects: Array
    vertices: tuple[tuple[Array, ...], ...]

    @property
    def shapes(self) -> Array:
        """Packed geometry, (N, 3, geometry.SIZE)."""
        return np.array([pack(three) for three in self.vertices])

    def features(self, features: Features, kind: type[np.floating[Any]] = np.float32) -> tuple[Array, Array]:
        """Return the stacks of robot (N, R) and scene (N, S)."""
        found: tuple[Array, Array] = stack(
            features, self.proprioception.astype(kind), self.objects.astype(kind), self.shapes.astype(kind)
        )
        return found


def states_of(object_set: str, seed: int, every: int = EVERY, count: int = COUNT) -> States:
    """Run the demonstrator, with disturbance."""
    env = StackEnv(object_set=object_set)
    seen, _ = env.reset(seed=seed)
    actor = make_actor("expert", env, 0.2)
    actor.reset(seed)
    found = []
    for step in range(every * count):
        if step % every == 0:
            found.append(seen)
        seen, *_ = env.step(actor.act(seen))
    own, objects = (np.array([each[name] for each in found]) for name in ("proprioception", "objects"))
    return States(own, objects, (env.episode.shapes,) * count)


def joined(parts: list[States]) -> States:
    """Return several as one."""
    own, objects = (np.concatenate([getattr(part, name) for part in parts]) for name in States._fields[:2])
    return States(own, objects, tuple(three for part in parts for three in part.vertices))


def alike(one: Array, other: Array, atol: float) -> float:
    """Return the share of equal numbers; where two grasps or pushes cost the same, the choice may differ."""
    assert one.shape == other.shape and np.isfinite(one).all()
    return float((np.abs(one - other) <= atol).mean())
