"""Subject of a report: a run, a bundle or a bag, with its episodes."""

import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.bags.layout import METADATA, is_mcap, is_partial
from helms_control.errors import HelmsError
from helms_control.policy import Manifest, read_manifest
from helms_control.policy.manifest import NAME
from helms_learning.report.episode import Played
from helms_learning.report.play import Playing, photograph, play
from helms_learning.report.recorded import Recorded
from helms_sim.tasks import TASK_NAMES, make_task

EPISODES, SEED = 20, 2000
CONFIG = "config.yaml"
"""File that marks a run's folder; its own module imports torch, which a bag does not need."""

Pictures = list[npt.NDArray[np.uint8]]
Progress = Callable[[Iterator[Played], int], Iterator[Played]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Requested episodes; None for 20 episodes, seed 2000, and task and object sets of the training data."""

    episodes: int | None = None
    seed: int | None = None
    object_sets: tuple[str, ...] | None = None
    workers: int | None = None
    task: str | None = None

    @property
    def nothing(self) -> bool:
        """Whether nothing is requested."""
        return (self.episodes, self.seed, self.object_sets, self.task) == (None,) * 4


@dataclass(frozen=True, slots=True)
class Subject:
    """Subject of a report.

    Attributes:
        kind: "run", "bundle" or "bag".
        target: its folder.
        name: of the policy.
        task: of the episodes.
        skills: K.
        episodes: that were played or recorded; at least one.
        photograph: renders pictures (480, 640, 3) of an episode after given control steps, counted from 0.
        watch: command that shows an episode.
        before: command required before it, or empty.
        facts: for the heading, by name.
        manifest: of the policy; None for a bag.
        metrics: of a run's training.
    """

    kind: str
    target: Path
    name: str
    task: str
    skills: int
    episodes: tuple[Played, ...]
    photograph: Callable[[Played, Sequence[int]], Pictures]
    watch: Callable[[Played], str]
    before: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    manifest: Manifest | None = None
    metrics: tuple[Mapping[str, Any], ...] = ()

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of stage 0, which is none, to the last."""
        return ("none", *map(_plain, make_task(self.task).stage_names))


@contextmanager
def open_subject(target: Path, wanted: Wanted, progress: Progress) -> Iterator[Subject]:
    """Open a run, bundle or bag, and play or read its episodes.

    Args:
        target: folder of a run, a bundle or a bag.
        wanted: what to play.
        progress: wraps the iterator of episodes, given their number.

    Raises:
        HelmsError: it is none of the three, or broken; or episodes are requested of a bag.
    """
    if (target / NAME).is_file():
        yield _played("bundle", target, target, wanted, progress)
    elif (target / CONFIG).is_file():
        yield from _of_run(target, wanted, progress)
    elif is_mcap(target) or (target / METADATA).is_file() or is_partial(target):
        yield _of_bag(target, wanted)
    else:
        raise HelmsError(
            f"{target} is no run (it has no {CONFIG}), no bundle (no {NAME}) and no bag (no {METADATA}); give one of "
            "these folders, made by helms train, helms export or helms record"
        )


def _of_run(run: Path, wanted: Wanted, progress: Progress) -> Iterator[Subject]:
    from helms_learning.export import export_run

    name = run.resolve().name
    with tempfile.TemporaryDirectory() as folder:
        yield _played("run", run, export_run(run, Path(folder) / name), wanted, progress)


def _played(kind: str, target: Path, bundle: Path, wanted: Wanted, progress: Progress) -> Subject:
    manifest = read_manifest(bundle / NAME)
    playing = Playing(
        bundle,
        wanted.task or _only_task(manifest),
        wanted.object_sets or manifest.object_sets,
        wanted.episodes if wanted.episodes is not None else EPISODES,
        wanted.seed if wanted.seed is not None else SEED,
    )
    episodes = tuple(progress(play(playing, wanted.workers), playing.total))
    kept = target if kind == "bundle" else Path("policies") / manifest.name

    def pictures(episode: Played, steps: Sequence[int]) -> Pictures:
        return photograph(playing, episode, steps)

    def watch(episode: Played) -> str:
        words = ["helms", "rollout", "--policy", str(kept), "--task", playing.task, "--object-set", episode.object_set]
        video = f"failure_{episode.object_set}_{episode.seed}.mp4"
        return shlex.join([*words, "--seed", str(episode.seed), "--video", video])

    return Subject(
        kind,
        target,
        manifest.name,
        playing.task,
        manifest.skills,
        episodes,
        pictures,
        watch,
        shlex.join(["helms", "export", str(target), "-o", str(kept)]) if kind == "run" else "",
        {
            "Episodes": f"{playing.episodes} on each of {len(playing.object_sets)} object sets, seeds "
            f"{playing.seed} to {playing.seed + playing.episodes - 1}, played in the cell",
        },
        manifest,
        _metrics(target) if kind == "run" else (),
    )


def _only_task(manifest: Manifest) -> str:
    if len(manifest.tasks) != 1 or manifest.tasks[0] not in TASK_NAMES:
        raise HelmsError(
            f"{manifest.name} was trained on the tasks {', '.join(manifest.tasks)}; choose one of "
            f"{', '.join(TASK_NAMES)} with --task"
        )
    return manifest.tasks[0]


def _metrics(run: Path) -> tuple[Mapping[str, Any], ...]:
    from helms_learning.offline.run import read_metrics

    return tuple(read_metrics(run))


def _of_bag(bag: Path, wanted: Wanted) -> Subject:
    if not wanted.nothing:
        raise HelmsError(
            f"{bag} is a bag: its episodes are recorded, not played; leave out --episodes, --seed, --object-sets and "
            "--task"
        )
    recorded = Recorded(bag)
    facts = {"Episodes": f"{len(recorded.episodes)} recorded, driven by {recorded.driver}"}
    if recorded.missed:
        facts["Missed"] = f"{recorded.missed} control steps without skill or latent, filled with the previous values"

    def watch(_: Played) -> str:
        return shlex.join(["helms", "bag", "video", str(bag), "--out", f"{bag.name}.mp4"])

    return Subject(
        "bag",
        bag,
        recorded.driver,
        recorded.task,
        recorded.skills,
        recorded.episodes,
        recorded.photograph,
        watch,
        facts=facts,
    )


def _plain(stage: str) -> str:
    return stage.replace("reach_grasp", "reach_and_grasp").replace("_", " ")
