"""Counter of episodes and control steps, and check of their actions, as in the simulated cell."""

import numpy as np
import numpy.typing as npt

from helms_control.episodes.address import check_address
from helms_control.errors import HelmsError
from helms_control.spec import EPISODE_STEPS, check_action

Array = npt.NDArray[np.float64]


class Steps:
    """Counts episodes and control steps, and accepts one action per step.

    Attributes:
        episode: number of the newest episode; 0 before the first.
        step: control steps since its beginning.
        running: whether it is running.
        answered: whether the action of this step was accepted.
        missed: steps of this episode in which the arm was held.
        refused: actions of this episode that were refused.
        clipped: action components of this episode beyond [-1, 1].
    """

    def __init__(self) -> None:
        """Start before the first episode."""
        self.episode = self.step = self.missed = self.refused = self.clipped = 0
        self.running = self.answered = False

    def begin(self, least: int = 0, length: int = EPISODE_STEPS) -> None:
        """Begin an episode of a number of control steps, whose number is at least `least`."""
        self._length = length
        self.episode, self.step = max(self.episode + 1, least), 0
        self.missed = self.refused = self.clipped = 0
        self.running, self.answered = True, False

    def take(self, episode: int, step: int, spec_hash: str, action: npt.ArrayLike) -> Array:
        """Accept an action (5,) for the current step; return it clipped.

        Args:
            episode: of the action.
            step: of the observation that it answers.
            spec_hash: of the action's contract.
            action: (5,) in [-1, 1].

        Raises:
            HelmsError: it is refused: no episode runs, another contract, another step, a second action for the
                same step, a wrong length, or a number that is not finite.
        """
        try:
            checked, clipped = self._checked(episode, step, spec_hash, action)
        except HelmsError:
            self.refused += 1
            raise
        self.clipped += clipped
        self.answered = True
        return checked

    def advance(self, held: str) -> bool:
        """End the current step; return whether the episode ends with it.

        Args:
            held: why the arm was held in it; empty where it was not.
        """
        self.missed += bool(held)
        self.step += 1
        self.answered = False
        self.running = self.step < self._length
        return not self.running

    def end(self) -> None:
        """End the episode before its time."""
        self.running = self.answered = False

    def _checked(self, episode: int, step: int, spec_hash: str, action: npt.ArrayLike) -> tuple[Array, int]:
        waiting = (self.episode, self.step) if self.running else None
        check_address("driver", waiting, episode, step, spec_hash)
        if self.answered:
            raise HelmsError(f"step {step} of episode {episode} has its action already")
        return check_action(action)
