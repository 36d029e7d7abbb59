"""Evaluation on all cores; the result does not depend on their number."""

import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass

from helms_control.errors import HelmsError
from helms_sim.env import StackEnv
from helms_sim.episode import EpisodeConfig
from helms_sim.evaluation.drivers import DRIVERS, Driver, make_driver
from helms_sim.evaluation.episodes import Record, run_episode
from helms_sim.tasks import reward_kind


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Configuration of an evaluation.

    Raises:
        HelmsError: an unknown name, or a number out of range.
    """

    driver: str = "expert"
    """A name in `helms_sim.evaluation.DRIVERS`, or the folder of a bundle."""
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
        if self.driver not in DRIVERS:
            make_driver(self.driver, None)  # type: ignore[arg-type]  # raises before it needs the environment
        if self.episodes < 1 or self.seed < 0 or not 0.0 <= self.noise <= 1.0:
            raise HelmsError(
                f"got {self.episodes} episodes, seed {self.seed}, noise {self.noise}; "
                "allowed are episodes >= 1, seed >= 0 and noise from 0 to 1."
            )


def evaluate(evaluation: Evaluation, workers: int | None = None) -> Iterator[Record]:
    """Run the episodes; records come in the order of their seeds.

    Args:
        evaluation: what to run.
        workers: processes; by default one for each core.
    """
    count = min(workers if workers is not None else os.cpu_count() or 1, evaluation.episodes)
    jobs = ((evaluation, evaluation.seed + index) for index in range(evaluation.episodes))
    if count == 1:
        yield from map(_run, jobs)
        return
    # Not fork: the caller may hold a GL context.
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        yield from pool.imap(_run, jobs, chunksize=1)


_CACHE: dict[Evaluation, tuple[StackEnv, Driver]] = {}


def _run(job: tuple[Evaluation, int]) -> Record:
    evaluation, seed = job
    if evaluation not in _CACHE:
        _CACHE.clear()
        env = StackEnv(evaluation.task, evaluation.object_set, evaluation.reward, evaluation.randomisation)
        _CACHE[evaluation] = env, make_driver(evaluation.driver, env, evaluation.noise)
    return run_episode(*_CACHE[evaluation], seed)
