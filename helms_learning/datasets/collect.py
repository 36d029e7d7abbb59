"""Collection of episodes in the cell, on all cores; byte for byte those of a recorded graph."""

import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from helms_control.episodes import Schedule
from helms_control.errors import unknown
from helms_control.policy import load_bundle
from helms_control.spec import EPISODE_STEPS
from helms_learning.datasets.episode import CELL, CUT, SUCCESS, TIME, DatasetError, Episode, Meta
from helms_sim.env import StackEnv
from helms_sim.episode import EpisodeConfig
from helms_sim.evaluation.drivers import Driver, PolicyDriver, make_driver
from helms_sim.evaluation.taught import TaughtDriver
from helms_sim.expert.placement import is_level
from helms_sim.expert.view import View
from helms_sim.tasks import TASK_NAMES, make_task

ALL_PAIRS = "all_pairs"
PAIRS = tuple(name for name in TASK_NAMES if "_on_" in name)
TRIES = 200
"""Number of start states tried for one with a tilted object."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Configuration of a collection.

    Episode i has seed `seed + i` and the i-th object set, in rotation; with all pairs the task changes after each
    rotation of the object sets. Where `tilted` rejects a start state, seed + `episodes` is tried next.

    Raises:
        HelmsError: an unknown name, or a number out of range.
    """

    task: str = "red_on_blue"
    object_sets: tuple[str, ...] = ("1", "2", "3", "4", "5")
    episodes: int = 100
    seed: int = 0
    noise: float = 0.0
    randomisation: str = "off"
    policy: str = ""
    """Folder of a bundle that drives a share of the steps, labelled by the demonstrator; empty for none."""
    beta: float = 0.3
    """Share of the steps that the demonstrator drives beside a policy (DAgger's beta)."""
    steps: int = EPISODE_STEPS
    """Largest number of control steps in an episode."""
    rest: int | None = None
    """Control steps of uninterrupted success after which an episode ends; None for its full time."""
    tilted: bool = False
    """Only start states in which a base object of the task has no level top."""

    def __post_init__(self) -> None:
        """Check the values before a process is started."""
        if self.task not in (ALL_PAIRS, *TASK_NAMES):
            raise unknown("task", self.task, (ALL_PAIRS, *TASK_NAMES))
        for name in self.object_sets:
            EpisodeConfig(self.tasks[0], name, self.randomisation)
        if self.policy:
            load_bundle(Path(self.policy))  # raises before a process is started
        if not 1 <= self.steps <= EPISODE_STEPS:
            raise DatasetError(f"got {self.steps} steps an episode; allowed are 1 to {EPISODE_STEPS}")
        if self.episodes < 1 or self.seed < 0 or not 0.0 <= self.noise <= 1.0 or not 0.0 <= self.beta <= 1.0:
            raise DatasetError(
                f"got {self.episodes} episodes, seed {self.seed}, noise {self.noise}, beta {self.beta}; "
                "allowed are 1 or more, 0 or more, 0 to 1, and 0 to 1"
            )

    @property
    def driver(self) -> str:
        """Source of the actions, for the record."""
        return f"expert and {Path(self.policy).name}" if self.policy else "expert"

    @property
    def tasks(self) -> tuple[str, ...]:
        """Tasks in rotation."""
        return PAIRS if self.task == ALL_PAIRS else (self.task,)

    def jobs(self) -> Iterator[tuple[str, str, int]]:
        """Yield task, object set and seed of each episode."""
        schedule = Schedule(self.episodes, self.seed, object_sets=self.object_sets)
        for index in range(self.episodes):
            request = schedule[index]
            task = self.tasks[index // len(self.object_sets) % len(self.tasks)]
            yield task, request.object_set, request.seed


def collect(collection: Collection, workers: int | None = None) -> Iterator[Episode]:
    """Run the episodes; their order is that of their seeds for any number of workers.

    Args:
        collection: what to run.
        workers: processes; by default one for each core.
    """
    count = min(workers if workers is not None else os.cpu_count() or 1, collection.episodes)
    jobs = ((collection, *job) for job in collection.jobs())
    if count == 1:
        yield from map(_run, jobs)
        return
    # Not fork: the caller may hold a GL context.
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        yield from pool.imap(_run, jobs, chunksize=1)


_CELL: dict[str, StackEnv] = {}
_POLICY: dict[str, PolicyDriver] = {}


def _driver(collection: Collection, env: StackEnv) -> Driver:
    if not collection.policy:
        return make_driver("expert", env, collection.noise)
    if "policy" not in _POLICY:
        _POLICY["policy"] = PolicyDriver(env, Path(collection.policy))
    return TaughtDriver(env, _POLICY["policy"], collection.beta, collection.noise)


def _begin(collection: Collection, env: StackEnv, task: str, object_set: str, seed: int) -> tuple[Any, Any, int]:
    """Reset to the first accepted start state; return observation, information and seed."""
    options: dict[str, Any] = {"task": task, "object_set": object_set, "randomisation": collection.randomisation}
    for turn in range(TRIES):
        tried = seed + turn * collection.episodes
        seen, info = env.reset(seed=tried, options=options)
        if not collection.tilted or _is_tilted(env):
            return seen, info, tried
    raise DatasetError(
        f"object set {object_set}: none of {TRIES} beginnings of {task} has a tilted object to stack upon; "
        "leave the set out, or collect without tilted"
    )


def _is_tilted(env: StackEnv) -> bool:
    """Whether a base object of the task has no level top."""
    view = View(env)
    return any(not is_level(view.solid(base)) for base in make_task(env.config.task).bases)


def _run(job: tuple[Collection, str, str, int]) -> Episode:
    collection, task, object_set, seed = job
    env = _CELL.setdefault("cell", StackEnv())
    seen, info, seed = _begin(collection, env, task, object_set, seed)
    objects = info["triplet"]
    driver = _driver(collection, env)
    driver.reset(seed)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("proprioception", "objects", "actions", "expert_action", "rewards", "stages")
    }
    done, since = False, 0
    while not done:
        action = driver.act(seen)
        columns["proprioception"].append(seen["proprioception"][0])
        columns["objects"].append(seen["objects"][0])
        seen, reward, terminated, truncated, info = env.step(action)
        columns["actions"].append(action)
        columns["expert_action"].append(driver.expert_action)
        columns["rewards"].append(reward)
        columns["stages"].append(info["stage"])
        since = since + 1 if info["success"] else 0
        done = (
            terminated
            or truncated
            or len(columns["actions"]) == collection.steps
            or (collection.rest is not None and since > collection.rest)
        )
    for name in ("proprioception", "objects"):
        columns[name].append(seen[name][0])
    arrays = {name: np.array(values) for name, values in columns.items()}
    arrays["stages"] = arrays["stages"].astype(np.uint8)
    meta = Meta(
        seed,
        collection.driver,
        task,
        object_set,
        collection.randomisation,
        tuple(objects),
        bool(info["success"]),
        float(arrays["rewards"].sum()),
        collection.noise,
        CELL,
        _end(collection, len(arrays["actions"]), since),
    )
    return Episode(**arrays, meta=meta, shapes=env.episode.shapes)


def _end(collection: Collection, steps: int, since: int) -> str:
    """Return the end of an episode; `since` is the number of its last successful steps."""
    if steps == EPISODE_STEPS:
        return TIME
    return SUCCESS if collection.rest is not None and since > collection.rest else CUT
