"""Rollouts of a bundle in the cell, with the outputs of all levels."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.policy import Policy, load_bundle
from helms_control.policy.runner import Step
from helms_control.spec.task import roles_of
from helms_learning.report.episode import Played
from helms_sim.env import StackEnv
from helms_sim.episode import EpisodeConfig
from helms_sim.pictures import Pictures

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
    _POLICY.clear()
    count = min(workers if workers is not None else os.cpu_count() or 1, playing.total)
    jobs = ((playing, index) for index in range(playing.total))
    if count == 1:
        yield from map(_run, jobs)
        return
    # Not fork: the caller may hold a GL context.
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        yield from pool.imap(_run, jobs, chunksize=1)


def photograph(playing: Playing, episode: Played, steps: Sequence[int]) -> list[npt.NDArray[np.uint8]]:
    """Run an episode again (it is deterministic) and return pictures (480, 640, 3) uint8.

    Args:
        playing: the episodes that contain it.
        episode: to be run again.
        steps: control steps after which a picture is rendered, from 0.

    Raises:
        NoGlError: no GL library; the message names the packages to install.
    """
    env, studio, taken = StackEnv(), Pictures(), {}
    try:
        unrolled = _unroll(env, Policy(load_bundle(playing.bundle)), playing.task, episode.object_set, episode.seed)
        for step, _ in zip(range(max(steps) + 1), unrolled, strict=False):
            if step in steps:
                taken[step] = studio.take(env.episode.triplet, env.cell.data, "main", *SIZE)
    finally:
        studio.close()
        env.close()
    return [taken[step] for step in steps]


_CELL: dict[str, StackEnv] = {}
_POLICY: dict[Path, Policy] = {}


def _run(job: tuple[Playing, int]) -> Played:
    playing, index = job
    if playing.bundle not in _POLICY:
        _POLICY[playing.bundle] = Policy(load_bundle(playing.bundle))
    env = _CELL.setdefault("cell", StackEnv())
    object_set, seed = playing.object_sets[index // playing.episodes], playing.seed + index % playing.episodes
    said = list(_unroll(env, _POLICY[playing.bundle], playing.task, object_set, seed))
    return Played(
        object_set,
        seed,
        index,
        bool(said[-1][2]["success"]),
        np.array([step.skill for step, _, _ in said], np.int64),
        np.array([step.latent for step, _, _ in said], np.float64),
        np.array([info["stage"] for _, _, info in said], np.int64),
        np.array([reward for _, reward, _ in said], np.float64),
        np.array([info["success"] for _, _, info in said], np.bool_),
    )


def _unroll(
    env: StackEnv, policy: Policy, task: str, object_set: str, seed: int
) -> Iterator[tuple[Step, float, dict[str, Any]]]:
    """Yield the policy's outputs, reward and info after each control step."""
    seen, _ = env.reset(seed=seed, options={"task": task, "object_set": object_set, "randomisation": "off"})
    policy.begin(env.episode.shapes, roles_of(task))
    done = False
    while not done:
        said = policy(seen["proprioception"], seen["objects"])
        seen, reward, terminated, truncated, info = env.step(said.action)
        done = terminated or truncated
        yield said, reward, info
