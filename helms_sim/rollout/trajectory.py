"""One episode as arrays: what was seen, done, shown, earned and drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trajectory:
    """T control steps, T + 1 observations."""

    seed: int
    """Of reset and actor."""
    task: str
    """Of the episode."""
    object_set: str
    """Of the episode."""
    randomisation: str
    """Of the episode."""
    triplet: tuple[str, ...]
    """Names of the red, green and blue object."""
    shapes: tuple[Array, ...]
    """Vertices (V, 3) of the three, m, in their own frames."""
    proprioception: npt.NDArray[np.float32]
    """(T + 1, 43), the newest frame of each observation."""
    objects: npt.NDArray[np.float32]
    """(T + 1, 42), likewise."""
    actions: Array
    """(T, 5) in [-1, 1], as executed."""
    expert_actions: Array
    """(T, 5) in [-1, 1], those of the demonstrator without its disturbance; elsewhere the actions."""
    rewards: Array
    """(T,), after each action."""
    stages: npt.NDArray[np.uint8]
    """(T,), stage of the task after each action; 0 for none."""
    successes: npt.NDArray[np.bool_]
    """(T,), success after each action."""
    terminated: bool
    """The physics diverged: nothing follows the last observation."""
    truncated: bool
    """The time was over; a value can be bootstrapped from the last observation. Neither: it was cut short."""
    reason: str
    """Why it ended: "time", a divergence, or "cut"."""
    drawn: Mapping[str, Array]
    """(T, ...) of each output of a policy by name: skill, probabilities, latent; empty for others."""

    def __len__(self) -> int:
        """Return the number of control steps."""
        return len(self.actions)

    @property
    def success(self) -> bool:
        """Success at the last step."""
        return bool(self.successes[-1])

    @property
    def steps_to_success(self) -> int | None:
        """Steps until the success that lasted to the end; None without success."""
        failures = np.flatnonzero(~self.successes)
        since = int(failures[-1]) + 2 if len(failures) else 1
        return since if self.success else None
