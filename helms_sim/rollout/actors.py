"""Sources of actions: demonstrator, random, or the policy of a bundle."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import numpy as np
import numpy.typing as npt

from helms_control.errors import unknown
from helms_control.spec import ACTION
from helms_control.spec.task import roles_of
from helms_sim.env import Observation
from helms_sim.expert.demonstrator import Demonstrator
from helms_sim.expert.view import Watched

Array = npt.NDArray[np.float64]

HOLD = 10
"""Control steps for which the random driver keeps an action."""


class Actor(Protocol):
    """Turns observations into actions."""

    def reset(self, seed: int) -> None:
        """Begin an episode; called after the environment's reset."""

    def act(self, observation: Observation) -> Array:
        """Return the next action, (5,) in [-1, 1]."""

    @property
    def expert_action(self) -> Array:
        """The demonstrator's last action, (5,) in [-1, 1], without disturbance; that of any other actor itself."""

    @property
    def drawn(self) -> Mapping[str, npt.ArrayLike]:
        """What a policy drew for the last action, by name: skill, probabilities, latent; empty for others."""


class ExpertActor:
    """The scripted demonstrator; it uses the true state."""

    drawn: Mapping[str, npt.ArrayLike] = MappingProxyType({})

    def __init__(self, env: Watched, noise: float = 0.0) -> None:
        """Drive an environment, with correlated noise; standard deviation as a share of the range."""
        self._demonstrator = Demonstrator(env, noise)

    def reset(self, seed: int) -> None:
        """Begin an episode."""
        self._demonstrator.reset(seed)

    def act(self, observation: Observation) -> Array:
        """Return the next action, (5,); the observation is not used."""
        return self._demonstrator.act()

    @property
    def expert_action(self) -> Array:
        """The last action without noise."""
        return self._demonstrator.expert_action


class RandomActor:
    """Uniform actions, each held for 10 control steps."""

    drawn: Mapping[str, npt.ArrayLike] = MappingProxyType({})

    def __init__(self, env: Watched, noise: float = 0.0) -> None:
        """Ignore both arguments."""
        self._left = 0

    def reset(self, seed: int) -> None:
        """Begin an episode."""
        self._rng, self._left = np.random.default_rng(seed), 0

    def act(self, observation: Observation) -> Array:
        """Return the next action, (5,); the observation is not used."""
        if self._left == 0:
            self._action, self._left = self._rng.uniform(-1.0, 1.0, ACTION.size), HOLD
        self._left -= 1
        return self._action

    @property
    def expert_action(self) -> Array:
        """The last action."""
        return self._action


class PolicyActor:
    """The levels of a bundle, in this process."""

    def __init__(self, env: Watched, folder: Path) -> None:
        """Load and check the bundle.

        Raises:
            BundleError: it is broken.
        """
        from helms_control.policy import Policy, load_bundle

        self._env, self._policy = env, Policy(load_bundle(folder))

    def reset(self, seed: int) -> None:
        """Begin an episode with the shapes and the task of the environment."""
        self._policy.begin(self._env.episode.shapes, roles_of(self._env.config.task))

    def act(self, observation: Observation) -> Array:
        """Return the mean action, (5,)."""
        self._step = self._policy(observation["proprioception"], observation["objects"])
        return self._step.action

    @property
    def expert_action(self) -> Array:
        """The last action."""
        return self._step.action

    @property
    def drawn(self) -> Mapping[str, npt.ArrayLike]:
        """Skill, probabilities and latent of the last action."""
        step = self._step
        return {"skill": step.skill, "probabilities": step.probabilities, "latent": step.latent}


ACTORS: MappingProxyType[str, Callable[[Watched, float], Actor]] = MappingProxyType(
    {"expert": ExpertActor, "random": RandomActor}
)
"""Actors by name."""


def make_actor(name: str, env: Watched, noise: float = 0.0) -> Actor:
    """Return the actor of that name for an environment, or the policy of a bundle's folder.

    Raises:
        UnknownNameError: no actor has that name, and no folder either; the message lists those that exist.
        BundleError: the bundle is broken.
    """
    if name in ACTORS:
        return ACTORS[name](env, noise)
    if Path(name).is_dir():
        return PolicyActor(env, Path(name))
    raise unknown("policy", name, ACTORS)
