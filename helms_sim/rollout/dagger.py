"""Policy whose steps are labelled by the demonstrator.

Such data cover the states after the policy's own mistakes (dataset aggregation, Ross et al. 2011).
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from helms_sim.env import Observation
from helms_sim.expert.view import Watched
from helms_sim.rollout.actors import Actor, ExpertActor

Array = npt.NDArray[np.float64]

CHANGES = 0.02
"""Probability at each control step that the one that acts is drawn again."""


class DaggerActor:
    """Policy and demonstrator act in random turns; `expert_action` is the demonstrator's action."""

    def __init__(self, env: Watched, policy: Actor, beta: float, noise: float = 0.0) -> None:
        """Prepare both.

        Args:
            env: the environment.
            policy: the learner.
            beta: share of the steps at which the demonstrator acts, 0 to 1.
            noise: as for `ExpertActor`, while the demonstrator acts.
        """
        self._policy, self._expert, self._beta = policy, ExpertActor(env, noise), beta

    def reset(self, seed: int) -> None:
        """Begin an episode."""
        self._rng = np.random.default_rng([seed, 1])
        self._policy.reset(seed)
        self._expert.reset(seed)
        self._policy_acts = self._rng.random() >= self._beta

    def act(self, observation: Observation) -> Array:
        """Return the action of the one whose turn it is, (5,)."""
        # Both act at every step: the demonstrator's memory must follow.
        learned, shown = self._policy.act(observation), self._expert.act(observation)
        if self._rng.random() < CHANGES:
            self._policy_acts = self._rng.random() >= self._beta
        return learned if self._policy_acts else shown

    @property
    def expert_action(self) -> Array:
        """The demonstrator's action, (5,)."""
        return self._expert.expert_action

    @property
    def drawn(self) -> Mapping[str, npt.ArrayLike]:
        """Nothing: the policy acts at some steps only."""
        return {}
