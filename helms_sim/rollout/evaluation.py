"""Evaluation of actors over many episodes."""

from collections.abc import Iterator
from dataclasses import dataclass

from helms_control.errors import HelmsError
from helms_sim.env import StackEnv
from helms_sim.episode import EpisodeConfig
from helms_sim.rollout.actors import ACTORS, Actor, make_actor
from helms_sim.rollout.pool import in_order
from helms_sim.rollout.rollout import rollout
from helms_sim.rollout.trajectory import Trajectory
from helms_sim.tasks import reward_kind


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Configuration of an evaluation.

    Raises:
        HelmsError: an unknown name, or a number out of range.
    """

    policy: str = "expert"
    """A name in `actors.ACTORS`, or the folder of a bundle."""
    object_set: int | str = 4
    """As for `StackEnv`."""
    task: str = "red_on_blue"
    """As for `StackEnv`."""
    episodes: int = 100
    """Number of episodes."""
    seed: int = 0
    """Episode i has seed + i."""
    reward: str = "dense"
    """As for `StackEnv`."""
    randomisation: str = "off"
    """As for `StackEnv`."""
    noise: float = 0.0
    """Standard deviation of the demonstrator's disturbance, share of the action range."""

    def __post_init__(self) -> None:
        """Check the values before a process is started."""
        EpisodeConfig(self.task, self.object_set, self.randomisation)
        reward_kind(self.reward)
        if self.policy not in ACTORS:
            make_actor(self.policy, None)  # type: ignore[arg-type]  # raises before it needs the environment
        if self.episodes < 1 or self.seed < 0 or not 0.0 <= self.noise <= 1.0:
            raise HelmsError(
                f"got {self.episodes} episodes, seed {self.seed}, noise {self.noise}; "
                "allowed are episodes >= 1, seed >= 0 and noise from 0 to 1."
            )


@dataclass(frozen=True, slots=True)
class Record:
    """Result of an episode."""

    seed: int
    """Seed of reset and actor."""
    success: bool
    """Success at the last step."""
    episode_return: float
    """Sum of the rewards."""
    steps: int
    """Control steps run."""
    steps_to_success: int | None
    """Steps until the success that lasted to the end; None without success."""
    best_stage: int
    """Highest stage of the task reached."""
    reason: str
    """Reason of the end: "time" or a divergence."""

    @staticmethod
    def of(found: Trajectory) -> "Record":
        """Return the result of a trajectory."""
        return Record(
            found.seed,
            found.success,
            float(sum(found.rewards.tolist())),
            len(found),
            found.steps_to_success,
            int(found.stages.max()),
            found.reason,
        )


def evaluate(evaluation: Evaluation, workers: int | None = None) -> Iterator[Record]:
    """Run the episodes; records come in the order of their seeds.

    Args:
        evaluation: what to run.
        workers: processes; by default one for each core.
    """
    jobs = ((evaluation, evaluation.seed + index) for index in range(evaluation.episodes))
    return in_order(_run, jobs, evaluation.episodes, workers)


_CACHE: dict[Evaluation, tuple[StackEnv, Actor]] = {}


def _run(job: tuple[Evaluation, int]) -> Record:
    evaluation, seed = job
    if evaluation not in _CACHE:
        _CACHE.clear()
        env = StackEnv(evaluation.task, evaluation.object_set, evaluation.reward, evaluation.randomisation)
        _CACHE[evaluation] = env, make_actor(evaluation.policy, env, evaluation.noise)
    return Record.of(rollout(*_CACHE[evaluation], seed))
