"""One recorded episode as arrays."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.spec import ACTION, OBJECTS, PROPRIOCEPTION


class DatasetError(HelmsError):
    """A dataset or what it is made of cannot be used."""


@dataclass(frozen=True, slots=True)
class Meta:
    """Where an episode comes from and how it ended."""

    seed: int
    driver: str
    task: str
    object_set: str
    randomisation: str
    objects: tuple[str, ...]
    success: bool
    episode_return: float
    noise: float = 0.0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """T control steps: what was seen, what was done then, and what came of it.

    Raises:
        DatasetError: a wrong shape, different lengths, no step at all, or a number that is not finite.
    """

    proprioception: npt.NDArray[np.float32]
    """(T, 43), the newest frame of each observation."""
    objects: npt.NDArray[np.float32]
    """(T, 42), the newest frame of each observation."""
    actions: npt.NDArray[np.float64]
    """(T, 5) in [-1, 1], as they were carried out."""
    intended: npt.NDArray[np.float64]
    """(T, 5) in [-1, 1], what the demonstrator meant: without the disturbance that was added to make data richer."""
    rewards: npt.NDArray[np.float64]
    """(T,), after each action."""
    stages: npt.NDArray[np.uint8]
    """(T,), stage of the task after each action; 0 for none."""
    meta: Meta = field()

    def __post_init__(self) -> None:
        """Refuse what no episode can be."""
        length = len(self.actions)
        wanted = {
            "proprioception": (length, PROPRIOCEPTION.size),
            "objects": (length, OBJECTS.size),
            "actions": (length, ACTION.size),
            "intended": (length, ACTION.size),
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
