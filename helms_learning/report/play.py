"""Rollouts of a bundle in the cell, with the outputs of all levels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.policy import load_bundle
from helms_learning.report.episode import Played
from helms_sim.env import StackEnv
from helms_sim.episode import EpisodeConfig
from helms_sim.pictures import Pictures
from helms_sim.rollout.actors import Actor, make_actor
from helms_sim.rollout.pool import in_order
from helms_sim.rollout.rollout import rollout

SIZE = (640, 480)
"""Width and height of pictures, pixels."""


@dataclass(frozen=True, slots=True)
class Playing:
    """Episodes to run: the same seeds on each object set, for comparison.

    Raises:
        HelmsError: an unknown name, or a number out of range.
    """

    bundle: Path
    """Folder of the policy."""
    task: str = "red_on_blue"
    """As for `StackEnv`."""
    object_sets: tuple[str, ...] = ("1", "2", "3", "4", "5")
    """As for `StackEnv`."""
    episodes: int = 20
    """Number of episodes on each object set."""
    seed: int = 2000
    """Episode i of each object set has seed + i."""

    def __post_init__(self) -> None:
        """Check the values, before processes are started."""
        for name in self.object_sets:
            EpisodeConfig(self.task, name)
        if self.episodes < 1 or self.seed < 0 or not self.object_sets:
            raise HelmsError(
                f"got {self.episodes} episodes from seed {self.seed} on object sets {list(self.object_sets)}; allowed "
                "are 1 or more episodes, a seed of 0 or more, and at least one object set"
            )

    def options(self, object_set: str) -> dict[str, str]:
        """Return the options of an episode's reset."""
        return {"task": self.task, "object_set": object_set, "randomisation": "off"}

    @property
    def total(self) -> int:
        """Number of episodes on all object sets."""
        return self.episodes * len(self.object_sets)


def play(playing: Playing, workers: int | None = None) -> Iterator[Played]:
    """Run the episodes; their order is that of object sets and seeds for any number of workers.

    Args:
        playing: what to run.
        workers: processes; by default one for each core.

    Raises:
        BundleError: the bundle is broken.
    """
    load_bundle(playing.bundle)  # raises before a process is started
    _ACTORS.clear()
    return in_order(_run, ((playing, index) for index in range(playing.total)), playing.total, workers)


def photograph(playing: Playing, episode: Played, steps: Sequence[int]) -> list[npt.NDArray[np.uint8]]:
    """Run an episode again (it is deterministic) and return pictures (480, 640, 3) uint8.

    Args:
        playing: the episodes that contain it.
        episode: to be run again.
        steps: control steps after which a picture is rendered, from 0.

    Raises:
        NoGlError: no GL library; the message names the package to install.
    """
    env, studio, taken, instants = StackEnv(), Pictures(), {}, count(-1)

    def watch(running: StackEnv) -> None:
        step = next(instants)
        if step in steps:
            taken[step] = studio.take(running.episode.triplet, running.cell.data, "main", *SIZE)

    try:
        actor = make_actor(str(playing.bundle), env)
        rollout(env, actor, episode.seed, playing.options(episode.object_set), max(steps) + 1, watch=watch)
    finally:
        studio.close()
        env.close()
    return [taken[step] for step in steps]


_CELL: dict[str, StackEnv] = {}
_ACTORS: dict[Path, Actor] = {}


def _run(job: tuple[Playing, int]) -> Played:
    playing, index = job
    env = _CELL.setdefault("cell", StackEnv())
    if playing.bundle not in _ACTORS:
        _ACTORS[playing.bundle] = make_actor(str(playing.bundle), env)
    object_set, seed = playing.object_sets[index // playing.episodes], playing.seed + index % playing.episodes
    found = rollout(env, _ACTORS[playing.bundle], seed, playing.options(object_set))
    return Played(
        object_set,
        seed,
        index,
        found.success,
        found.drawn["skill"].astype(np.int64),
        found.drawn["latent"],
        found.stages.astype(np.int64),
        found.rewards,
        found.successes,
    )
