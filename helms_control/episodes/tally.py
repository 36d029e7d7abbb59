"""Adding up one episode from what the task says of each step."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an episode.

    Attributes:
        episode: its number.
        success: at the last step.
        episode_return: sum of the rewards.
        steps: control steps run.
        steps_to_success: steps until the success that lasted to the end; None without success.
        reason: "time", or what went wrong.
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
    """Adds up the steps of one episode; each step counts once, however often it is told."""

    def __init__(self, episode: int) -> None:
        """Begin with nothing."""
        self.episode, self.step, self.stage, self.reward = episode, 0, 0, 0.0
        self._total, self._success = 0.0, False
        self._since: int | None = None

    def add(self, step: int, reward: float, stage: int, success: bool) -> None:
        """Take one step: its number, its reward in [0, 1], the stage, and whether the task is done at its end."""
        self.stage, self._success = stage, success
        if step > self.step:
            self.step, self.reward = step, reward
            self._total += reward
            self._since = (self._since if self._since is not None else step) if success else None

    def outcome(self, reason: str, finished: bool, missed: int = 0) -> Outcome:
        """Return what came of it."""
        success = self._success and finished
        since = self._since if success else None
        return Outcome(self.episode, success, self._total, self.step, since, reason, finished, missed)
