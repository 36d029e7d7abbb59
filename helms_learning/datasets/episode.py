"""One recorded episode as arrays."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.spec import ACTION, OBJECTS, PROPRIOCEPTION


class DatasetError(HelmsError):
    """A dataset or its source cannot be used."""


TIME, SUCCESS, CUT = "time", "success", "cut"
"""End of an episode: at the task's time, after a standing success, or before either."""
CELL = "cell"
"""Source of an episode that was collected straight from the cell."""
OBSERVATIONS, ARRAYS = ("proprioception", "objects"), ("actions", "expert_action", "rewards", "stages")
"""Arrays of an episode."""
SHAPES = ("red", "green", "blue")
"""Names of the objects' shapes."""


@dataclass(frozen=True, slots=True)
class Meta:
    """Origin and end of an episode."""

    seed: int
    driver: str
    task: str
    object_set: str
    randomisation: str
    objects: tuple[str, ...]
    success: bool
    episode_return: float
    noise: float = 0.0
    """Standard deviation of the demonstrator's disturbance, share of the action range; NaN where it is unknown."""
    source: str = ""
    """Name of the bag, or CELL."""
    ended: str = ""
    """TIME, SUCCESS or CUT; empty where it is unknown, as in files of format 1."""


@dataclass(frozen=True, slots=True)
class Episode:
    """T control steps: observations, actions and rewards.

    Raises:
        DatasetError: a wrong shape, different lengths, no step at all, or a number that is not finite.
    """

    proprioception: npt.NDArray[np.float32]
    """(T + 1, 43), the newest frame of each observation; (T, 43) where the last one is unknown, as in format 1."""
    objects: npt.NDArray[np.float32]
    """(T + 1, 42), the newest frame of each observation; (T, 42) likewise."""
    actions: npt.NDArray[np.float64]
    """(T, 5) in [-1, 1], as executed."""
    expert_action: npt.NDArray[np.float64]
    """(T, 5) in [-1, 1], the demonstrator's actions without the added disturbance."""
    rewards: npt.NDArray[np.float64]
    """(T,), after each action."""
    stages: npt.NDArray[np.uint8]
    """(T,), stage of the task after each action; 0 for none."""
    meta: Meta = field()
    shapes: tuple[npt.NDArray[np.float64], ...] = ()
    """Vertices (V, 3) of the red, green and blue object, m, in its own frame; empty where they are unknown."""

    def __post_init__(self) -> None:
        """Check shapes and numbers."""
        length = len(self.actions)
        observations = length + self.has_last
        wanted = {
            "proprioception": (observations, PROPRIOCEPTION.size),
            "objects": (observations, OBJECTS.size),
            "actions": (length, ACTION.size),
            "expert_action": (length, ACTION.size),
            "rewards": (length,),
            "stages": (length,),
        }
        for name, shape in wanted.items():
            array: npt.NDArray[Any] = getattr(self, name)
            if array.shape != shape or not length:
                raise DatasetError(
                    f"episode of seed {self.meta.seed}: {name} has shape {array.shape}; "
                    f"wanted is {shape} with 1 step or more"
                )
            if not np.isfinite(array).all():
                step = int(np.argwhere(~np.isfinite(array))[0][0])
                raise DatasetError(f"episode of seed {self.meta.seed}: {name} is not finite at step {step}")

    def __len__(self) -> int:
        """Return the number of control steps."""
        return len(self.actions)

    @property
    def has_last(self) -> bool:
        """Whether the observation after the last action is known."""
        return len(self.proprioception) == len(self.actions) + 1

    @property
    def digest(self) -> str:
        """SHA-256 of task, observations before each action, and actions: equal for two copies of one episode."""
        found = hashlib.sha256(self.meta.task.encode())
        for array in (self.proprioception[: len(self)], self.objects[: len(self)], self.actions):
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()
