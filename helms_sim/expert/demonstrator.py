"""The demonstrator as a driver: one action for each observation, with as much noise as wanted."""

import numpy as np
import numpy.typing as npt

from helms_sim.expert.motion import Actions
from helms_sim.expert.pyramid import build_pyramid
from helms_sim.expert.stack import stack
from helms_sim.expert.view import View, Watched
from helms_sim.tasks import make_task

Array = npt.NDArray[np.float64]

_CORRELATION = 0.9


class Demonstrator:
    """Drives a running environment towards its task.

    Attributes:
        intended: the last action without the disturbance, (5,) in [-1, 1].
    """

    def __init__(self, env: Watched, noise: float = 0.0) -> None:
        """Prepare for an environment.

        Args:
            env: the environment, or a mirror of it; the demonstrator looks behind its observations.
            noise: standard deviation of the correlated disturbance added to the four motions, as a share of their
                range; recorded data then covers recoveries.
        """
        self._env, self._noise = env, noise

    def reset(self, seed: int) -> None:
        """Begin an episode; call after the environment's reset."""
        self._rng = np.random.default_rng(seed)
        self._disturbance = np.zeros(4)
        view = View(self._env)
        task = make_task(self._env.config.task)
        self._plan: Actions = (
            stack(view, task.top, task.bases[0])
            if len(task.bases) == 1
            else build_pyramid(view, task.bases[0], task.bases[1], task.top)
        )

    def act(self) -> Array:
        """Return the next action, (5,) in [-1, 1]."""
        action = next(self._plan).copy()
        self.intended = np.clip(action, -1.0, 1.0)
        if self._noise > 0.0:
            fresh = self._noise * np.sqrt(1.0 - _CORRELATION**2) * self._rng.normal(size=4)
            self._disturbance = _CORRELATION * self._disturbance + fresh
            action[:4] += self._disturbance
        return np.clip(action, -1.0, 1.0)
