"""The cell for the graph: numbered episodes and steps, one action for each step."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.episodes.address import check_address
from helms_control.errors import HelmsError
from helms_control.spec import ACTION, check_action, to_physical
from helms_sim.env import Observation, StackEnv

Array = npt.NDArray[np.float64]

STILL: Array = np.zeros(ACTION.size)
"""Zero action: arm and fingers stand still."""


@dataclass(frozen=True, slots=True)
class Instant:
    """State of the cell after a reset or a control step.

    Attributes:
        episode: number of the episode, from 1.
        step: control steps since its reset.
        observation: as `StackEnv` gives it.
        reward: of the last step, in [0, 1]; 0 after a reset.
        stage: of the task; 0 for none.
        success: at this instant.
        last: whether the episode is over.
        reason: why it is over; empty before.
    """

    episode: int
    step: int
    observation: Observation
    reward: float
    stage: int
    success: bool
    last: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Command:
    """Executed command of one control step.

    Attributes:
        episode: number of the episode.
        step: of the observation that was answered.
        velocity: (5,) m/s, m/s, m/s, rad/s, tics/s.
        held: reason of standing still; empty if an action was executed.
    """

    episode: int
    step: int
    velocity: Array
    held: str


class Plant:
    """Steps a `StackEnv`; without an action in time the arm stands still.

    Attributes:
        env: the environment.
        seed: of the running episode.
        now: the newest instant; None before the first reset.
        missed: control steps of this episode in which the arm was held.
        refused: actions of this episode that were refused.
        clipped: action components of this episode beyond [-1, 1].
    """

    def __init__(self, env: StackEnv) -> None:
        """Drive an environment."""
        self.env, self.seed = env, 0
        self.now: Instant | None = None
        self.missed = self.refused = self.clipped = 0
        self._action: Array | None = None
        self._number = 0

    @property
    def running(self) -> bool:
        """Whether an episode is under way."""
        return self.now is not None and not self.now.last

    @property
    def ready(self) -> bool:
        """Whether the action of this step was received."""
        return self._action is not None

    def begin(self, seed: int, options: dict[str, Any], least: int = 0) -> Instant:
        """Reset to a new episode; a running one is dropped.

        Args:
            seed: the same seed and options, the same episode.
            options: as for `StackEnv.reset`.
            least: smallest number that the episode may get.

        Raises:
            HelmsError: a seed or an option that does not exist; the episode under way goes on.
        """
        observation, info = self.env.reset(seed=seed, options=options)
        self._number = max(self._number + 1, least)
        self.seed, self._action = seed, None
        self.missed = self.refused = self.clipped = 0
        self.now = Instant(self._number, 0, observation, 0.0, info["stage"], info["success"], False, "")
        return self.now

    def offer(self, episode: int, step: int, spec_hash: str, action: npt.ArrayLike) -> None:
        """Receive the action for the current step.

        Args:
            episode: that the action is for.
            step: of the observation that it answers.
            spec_hash: of the contract that it was made for.
            action: (5,) in [-1, 1]; what lies beyond is clipped and counted.

        Raises:
            HelmsError: it is not carried out: no episode runs, another contract, another step, a wrong length, or a
                number that is not finite.
        """
        try:
            self._action = self._checked(episode, step, spec_hash, action)
        except HelmsError:
            self.refused += 1
            raise

    def advance(self, held: str = "") -> tuple[Command, Instant]:
        """Run one control step with the received action, or standing still.

        Args:
            held: reason to stand still in spite of an action.

        Raises:
            HelmsError: no episode is under way.
        """
        if self.now is None or self.now.last:
            raise HelmsError("no episode is running; reset first")
        if self._action is None and not held:
            held = "no action in time"
        if held or self._action is None:
            self.missed += 1
            action = STILL
        else:
            action = self._action
        before, self._action = self.now, None
        observation, reward, terminated, truncated, info = self.env.step(action)
        reason = info.get("reason", "time") if terminated or truncated else ""
        self.now = Instant(
            before.episode,
            before.step + 1,
            observation,
            reward,
            info["stage"],
            info["success"],
            terminated or truncated,
            reason,
        )
        return Command(before.episode, before.step, to_physical(action), held), self.now

    def end(self, reason: str) -> Instant | None:
        """End the episode that is under way, if there is one, and return its last instant."""
        if self.now is None or self.now.last:
            return None
        now = self.now
        self._action = None
        self.now = Instant(now.episode, now.step, now.observation, 0.0, now.stage, now.success, True, reason)
        return self.now

    def _checked(self, episode: int, step: int, spec_hash: str, action: npt.ArrayLike) -> Array:
        now = self.now
        waiting = None if now is None or now.last else (now.episode, now.step)
        check_address("cell", waiting, episode, step, spec_hash)
        checked, clipped = check_action(action)
        self.clipped += clipped
        return checked
