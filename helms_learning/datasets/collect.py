"""Collection of episodes in the cell, on all cores; byte for byte those of a recorded graph."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helms_control.episodes import Schedule
from helms_control.errors import unknown
from helms_control.spec.task import steps_of
from helms_learning.datasets.episode import CELL, CUT, SUCCESS, TIME, DatasetError, Episode, Meta
from helms_sim.env import StackEnv
from helms_sim.episode import EpisodeConfig
from helms_sim.expert.placement import is_level
from helms_sim.expert.view import View
from helms_sim.rollout.actors import Actor, PolicyActor, make_actor
from helms_sim.rollout.dagger import DaggerActor
from helms_sim.rollout.pool import in_order
from helms_sim.rollout.rollout import rollout
from helms_sim.rollout.trajectory import Trajectory
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
    steps: int | None = None
    """Largest number of control steps in an episode; None for that of the task."""
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
            make_actor(self.policy, None)  # type: ignore[arg-type]  # raises before a process is started
        most = min(map(steps_of, self.tasks))
        if self.steps is not None and not 1 <= self.steps <= most:
            raise DatasetError(f"got {self.steps} steps an episode; allowed are 1 to {most}")
        if self.episodes < 1 or self.seed < 0 or not 0.0 <= self.noise <= 1.0 or not 0.0 <= self.beta <= 1.0:
            raise DatasetError(
                f"got {self.episodes} episodes, seed {self.seed}, noise {self.noise}, beta {self.beta}; "
                "allowed are 1 or more, 0 or more, 0 to 1, and 0 to 1"
            )

    @property
    def actor(self) -> str:
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
    return in_order(_run, ((collection, *job) for job in collection.jobs()), collection.episodes, workers)


_CELL: dict[str, StackEnv] = {}
_POLICY: dict[str, PolicyActor] = {}


def _actor(collection: Collection, env: StackEnv) -> Actor:
    if not collection.policy:
        return make_actor("expert", env, collection.noise)
    if "policy" not in _POLICY:
        _POLICY["policy"] = PolicyActor(env, Path(collection.policy))
    return DaggerActor(env, _POLICY["policy"], collection.beta, collection.noise)


def _accepted(collection: Collection, env: StackEnv, options: dict[str, Any], seed: int) -> int:
    """Return the seed of the first accepted start state."""
    if not collection.tilted:
        return seed
    for tried in range(seed, seed + TRIES * collection.episodes, collection.episodes):
        env.reset(seed=tried, options=options)
        if _is_tilted(env):
            return tried
    raise DatasetError(
        f"object set {options['object_set']}: none of {TRIES} beginnings of {options['task']} has a tilted object to "
        "stack upon; leave the set out, or collect without tilted"
    )


def _is_tilted(env: StackEnv) -> bool:
    """Whether a base object of the task has no level top."""
    view = View(env)
    return any(not is_level(view.solid(base)) for base in make_task(env.config.task).bases)


def _run(job: tuple[Collection, str, str, int]) -> Episode:
    collection, task, object_set, seed = job
    env = _CELL.setdefault("cell", StackEnv())
    options = {"task": task, "object_set": object_set, "randomisation": collection.randomisation}
    seed = _accepted(collection, env, options, seed)
    found = rollout(env, _actor(collection, env), seed, options, collection.steps, collection.rest)
    meta = Meta(
        seed,
        collection.actor,
        task,
        object_set,
        collection.randomisation,
        found.triplet,
        found.success,
        float(found.rewards.sum()),
        collection.noise,
        CELL,
        _end(collection, found),
    )
    return Episode(
        found.proprioception,
        found.objects,
        found.actions,
        found.expert_actions,
        found.rewards,
        found.stages,
        meta,
        found.shapes,
    )


def _end(collection: Collection, found: Trajectory) -> str:
    """Return the end of an episode."""
    if found.truncated or found.terminated:
        return TIME
    rested = collection.rest is not None and found.successes[-collection.rest - 1 :].all()
    return SUCCESS if rested else CUT
