"""Return, success and length of one episode, accumulated step by step."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of an episode.

    Attributes:
        episode: episode number.
        success: at the last step.
        episode_return: sum of the rewards.
        steps: control steps run.
        steps_to_success: steps until the success that lasted to the end; None without success.
        reason: "time", or why it was aborted.
        finished: whether it ran to its end.
        missed: control steps in which the arm was held.
    """

    episode: int
    success: bool
    episode_return: float
    steps: int
    steps_to_success: int | None
    reason: str
    finished: bool
    missed: int = 0


class Tally:
    """Accumulates the steps of one episode; a step that is reported again counts once."""

    def __init__(self, episode: int) -> None:
        """Start at step 0."""
        self.episode, self.step, self.stage, self.reward = episode, 0, 0, 0.0
        self._total, self._success = 0.0, False
        self._since: int | None = None

    def add(self, step: int, reward: float, stage: int, success: bool) -> None:
        """Add one step: number, reward in [0, 1], stage, and whether the task succeeds at its end."""
        self.stage, self._success = stage, success
        if step > self.step:
            self.step, self.reward = step, reward
            self._total += reward
            self._since = (self._since if self._since is not None else step) if success else None

    def outcome(self, reason: str, finished: bool, missed: int = 0) -> Outcome:
        """Return the outcome."""
        success = self._success and finished
        since = self._since if success else None
        return Outcome(self.episode, success, self._total, self.step, since, reason, finished, missed)
