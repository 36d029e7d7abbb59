"""Sources of actions: demonstrator, random, or policy."""

from collections.abc import Callable
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


class Driver(Protocol):
    """Turns observations into actions."""

    def reset(self, seed: int) -> None:
        """Begin an episode; called after the environment's reset."""

    def act(self, observation: Observation) -> Array:
        """Return the next action, (5,) in [-1, 1]."""

    @property
    def expert_action(self) -> Array:
        """The last action, (5,) in [-1, 1], without disturbance."""


class ExpertDriver:
    """The scripted demonstrator; it uses the true state."""

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


class RandomDriver:
    """Uniform actions, each held for 10 control steps."""

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


class PolicyDriver:
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
        self._action = self._policy(observation["proprioception"], observation["objects"]).action
        return self._action

    @property
    def expert_action(self) -> Array:
        """The last action."""
        return self._action


DRIVERS: MappingProxyType[str, Callable[[Watched, float], Driver]] = MappingProxyType(
    {"expert": ExpertDriver, "random": RandomDriver}
)
"""Drivers by name."""


def make_driver(name: str, env: Watched, noise: float = 0.0) -> Driver:
    """Return the driver of that name for an environment, or the policy of a bundle's folder.

    Raises:
        UnknownNameError: no driver has that name, and no folder either; the message lists those that exist.
        BundleError: the bundle is broken.
    """
    if name in DRIVERS:
        return DRIVERS[name](env, noise)
    if Path(name).is_dir():
        return PolicyDriver(env, Path(name))
    raise unknown("driver or folder of a bundle", name, DRIVERS)
