"""Who moves the arm: the demonstrator, or chance."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Protocol

import numpy as np
import numpy.typing as npt

from helms_control.errors import unknown
from helms_control.spec import ACTION
from helms_sim.env import Observation
from helms_sim.expert.demonstrator import Demonstrator
from helms_sim.expert.view import Watched

Array = npt.NDArray[np.float64]

HOLD = 10
"""Control steps for which the random driver keeps an action, so that the arm gets somewhere."""


class Driver(Protocol):
    """Turns observations into actions."""

    def reset(self, seed: int) -> None:
        """Begin an episode; called after the environment's reset."""

    def act(self, observation: Observation) -> Array:
        """Return the next action, (5,) in [-1, 1]."""


class ExpertDriver:
    """The scripted demonstrator; it looks behind the observation."""

    def __init__(self, env: Watched, noise: float = 0.0) -> None:
        """Drive an environment, with correlated noise of this standard deviation as a share of the range."""
        self._demonstrator = Demonstrator(env, noise)

    def reset(self, seed: int) -> None:
        """Begin an episode."""
        self._demonstrator.reset(seed)

    def act(self, observation: Observation) -> Array:
        """Return the next action, (5,); the observation is not used."""
        return self._demonstrator.act()


class RandomDriver:
    """Uniform actions, each held for 10 control steps."""

    def __init__(self, env: Watched, noise: float = 0.0) -> None:
        """Ignore both: the actions are all noise."""
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


DRIVERS: MappingProxyType[str, Callable[[Watched, float], Driver]] = MappingProxyType(
    {"expert": ExpertDriver, "random": RandomDriver}
)
"""Drivers by name."""


def make_driver(name: str, env: Watched, noise: float = 0.0) -> Driver:
    """Return the driver of that name for an environment.

    Raises:
        UnknownNameError: no driver has that name; the message lists those that exist.
    """
    try:
        return DRIVERS[name](env, noise)
    except KeyError as error:
        raise unknown("driver", name, DRIVERS) from error
