"""The demonstrator as a driver, with optional disturbances."""

import numpy as np
import numpy.typing as npt

from helms_sim.expert.pyramid import build_pyramid
from helms_sim.expert.stacker import Stacker
from helms_sim.expert.view import View, Watched
from helms_sim.tasks import make_task

Array = npt.NDArray[np.float64]

_CORRELATION = 0.9
_SHOVES = 1.0 / 16.0
"""Probability that a shove starts at a control step, per unit of noise."""
_SHOVE_STEPS = (6, 20)
"""Range of a shove's duration, control steps; the end is exclusive."""
_SLIPS = 1.0 / 8.0
"""Probability that a slip of the fingers starts at a control step, per unit of noise."""
_SLIP_STEPS = (6, 40)
_SLIPS_AT_ONCE = 2.5
"""Probability that an episode starts with a slip, per unit of noise."""
_SLIP_TO = (0.0, 0.0, 0.0, 0.0, -1.0, 1.0)
"""Finger commands during a slip, equally likely."""


class Disturbance:
    """Disturbance of the demonstrator's actions, so that data cover more than its own paths.

    Correlated noise keeps the arm beside its path. Shoves, random motions of up to a second, take it off the path, so
    that actions do not follow from the previous motion, which a clone would learn otherwise. Slips replace the finger
    command for up to two seconds: without them, data hardly contain resting fingers that should move, and a clone
    learns that resting fingers stay at rest.
    """

    def __init__(self, noise: float, rng: np.random.Generator) -> None:
        """Begin an episode; `noise` is a standard deviation of normalised actions."""
        self._noise, self._rng = noise, rng
        self._drift = np.zeros(4)
        self._shove: Array = np.zeros(4)
        self._fingers = 0.0
        self._shove_left = self._slip_left = 0
        if rng.random() < _SLIPS_AT_ONCE * noise:
            self._slip()

    def __call__(self, action: Array) -> Array:
        """Return the disturbed action, (5,)."""
        rng = self._rng
        self._drift = _CORRELATION * self._drift + self._noise * np.sqrt(1.0 - _CORRELATION**2) * rng.normal(size=4)
        if self._shove_left == 0 and rng.random() < _SHOVES * self._noise:
            self._shove_left, self._shove = int(rng.integers(*_SHOVE_STEPS)), rng.uniform(-1.0, 1.0, 4)
        if self._slip_left == 0 and rng.random() < _SLIPS * self._noise:
            self._slip()
        arm = self._shove if self._shove_left > 0 else action[:4] + self._drift
        fingers = self._fingers if self._slip_left > 0 else action[4]
        self._shove_left, self._slip_left = max(self._shove_left - 1, 0), max(self._slip_left - 1, 0)
        return np.array([*arm, fingers])

    def _slip(self) -> None:
        self._slip_left, self._fingers = int(self._rng.integers(*_SLIP_STEPS)), float(self._rng.choice(_SLIP_TO))


class Demonstrator:
    """Drives an environment towards its task.

    Attributes:
        expert_action: the last action without the disturbance, (5,) in [-1, 1].
    """

    def __init__(self, env: Watched, noise: float = 0.0) -> None:
        """Prepare for an environment.

        Args:
            env: the environment, or a mirror of it, whose true state is used.
            noise: standard deviation of the disturbance of the four motions, share of their range.
        """
        self._env, self._noise = env, noise

    def reset(self, seed: int) -> None:
        """Begin an episode; call after the environment's reset."""
        self._disturb = Disturbance(self._noise, np.random.default_rng(seed))
        view = View(self._env)
        task = make_task(self._env.config.task)
        self._next = (
            Stacker(view, task.top, task.bases[0]).act
            if len(task.bases) == 1
            else build_pyramid(view, task.bases[0], task.bases[1], task.top).__next__
        )

    def act(self) -> Array:
        """Return the next action, (5,) in [-1, 1]."""
        action = self._next().copy()
        self.expert_action = np.clip(action, -1.0, 1.0)
        if self._noise > 0.0:
            action = self._disturb(action)
        return np.clip(action, -1.0, 1.0)
