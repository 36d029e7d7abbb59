"""Driver of a policy whose steps are labelled by the demonstrator.

Such data cover the states after the policy's own mistakes (dataset aggregation, Ross et al. 2011).
"""

import numpy as np
import numpy.typing as npt

from helms_sim.env import Observation
from helms_sim.evaluation.drivers import Driver, ExpertDriver
from helms_sim.expert.view import Watched

Array = npt.NDArray[np.float64]

CHANGES = 0.02
"""Probability at each control step that the driver is drawn again."""


class TaughtDriver:
    """Policy and demonstrator drive in random turns; `expert_action` is the demonstrator's action."""

    def __init__(self, env: Watched, policy: Driver, beta: float, noise: float = 0.0) -> None:
        """Prepare both drivers.

        Args:
            env: the environment.
            policy: the learner.
            beta: share of the steps that the demonstrator drives, 0 to 1.
            noise: as for `ExpertDriver`, while the demonstrator drives.
        """
        self._policy, self._expert, self._beta = policy, ExpertDriver(env, noise), beta

    def reset(self, seed: int) -> None:
        """Begin an episode."""
        self._rng = np.random.default_rng([seed, 1])
        self._policy.reset(seed)
        self._expert.reset(seed)
        self._policy_drives = self._rng.random() >= self._beta

    def act(self, observation: Observation) -> Array:
        """Return the action of the current driver, (5,)."""
        # Both act at every step: the demonstrator's memory must follow.
        learned, shown = self._policy.act(observation), self._expert.act(observation)
        if self._rng.random() < CHANGES:
            self._policy_drives = self._rng.random() >= self._beta
        return learned if self._policy_drives else shown

    @property
    def expert_action(self) -> Array:
        """The demonstrator's action, (5,)."""
        return self._expert.expert_action
