"""One episode of a report."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.spec import CONTROL_HZ

Integers = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]

_AFTER = 3 * CONTROL_HZ
"""Number of steps shown after the lasting success."""


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """One episode of T control steps under a policy.

    Attributes:
        object_set: of the episode.
        seed: of its reset.
        index: among the episodes of the report, from 0.
        success: at the last step.
        skills: (T,), 0 to K - 1.
        latents: (T, Z).
        stages: (T,), stage of the task after each step, 1 to n; 0 for none.
        rewards: (T,), reward of each step.
        successes: (T,), whether the task was solved after each step.
    """

    object_set: str
    seed: int
    index: int
    success: bool
    skills: Integers
    latents: Array
    stages: Integers
    rewards: Array
    successes: npt.NDArray[np.bool_]

    @property
    def steps(self) -> int:
        """T."""
        return len(self.skills)

    @property
    def furthest(self) -> int:
        """Highest stage reached; 0 for none."""
        return int(self.stages.max(initial=0))

    @property
    def success_from(self) -> int | None:
        """First step from which the success lasts to the end; None without success."""
        if not self.success:
            return None
        missed = np.flatnonzero(~self.successes)
        return int(missed[-1]) + 1 if len(missed) else 0

    @property
    def eventful(self) -> int:
        """Number of steps shown: all, or up to 3 s after the lasting success, rounded up to whole seconds."""
        since = self.success_from
        if since is None:
            return self.steps
        return min(-(-(since + _AFTER) // CONTROL_HZ) * CONTROL_HZ, self.steps)
