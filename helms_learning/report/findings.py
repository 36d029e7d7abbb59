"""Results of the episodes of a report."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helms_control.errors import HelmsError
from helms_control.statistics import wilson_interval
from helms_learning.report.episode import Played
from helms_learning.report.statistics import mutual_information, segment_lengths, transitions, usage
from helms_learning.report.subject import Subject


@dataclass(frozen=True, slots=True)
class Rate:
    """Success of a policy on an object set.

    Attributes:
        object_set: its name.
        episodes: number of episodes.
        success: share of them.
        low: of the Wilson 95 % interval.
        high: of the Wilson 95 % interval.
    """

    object_set: str
    episodes: int
    success: float
    low: float
    high: float


def success_rates(episodes: Iterable[Played]) -> list[Rate]:
    """Return the success on each object set, in order of appearance."""
    found: dict[str, list[bool]] = defaultdict(list)
    for episode in episodes:
        found[episode.object_set].append(episode.success)
    return [
        Rate(name, len(each), sum(each) / len(each), *wilson_interval(sum(each), len(each)))
        for name, each in found.items()
    ]


def measured_rates(success: Iterable[Mapping[str, Any]]) -> list[Rate]:
    """Return the success rates stated in a manifest.

    Raises:
        HelmsError: an entry lacks a number.
    """
    keys = ("episodes", "success", "success_low", "success_high")
    try:
        return [Rate(str(entry["object_set"]), *(entry[key] for key in keys)) for entry in success]
    except (KeyError, TypeError) as error:
        raise HelmsError(
            f"success in the manifest lacks {error}; each entry has object_set, {', '.join(keys)}, as helms export "
            "--measure writes them"
        ) from error


def failures(episodes: Iterable[Played]) -> dict[int, dict[str, list[Played]]]:
    """Return failed episodes by furthest stage reached, 0 for none, and by object set."""
    found: dict[int, dict[str, list[Played]]] = {}
    for episode in episodes:
        if not episode.success:
            found.setdefault(episode.furthest, {}).setdefault(episode.object_set, []).append(episode)
    return dict(sorted(found.items()))


def telling_episode(episodes: Sequence[Played]) -> Played:
    """Return the episode to show: success first, then most skills used, then most even usage."""

    def worth(episode: Played) -> tuple[bool, int, int, float]:
        _, counts = np.unique(episode.skills[: episode.eventful], return_counts=True)
        shares = counts / counts.sum()
        # Of failed episodes, the one with the furthest stage.
        furthest = 0 if episode.success else episode.furthest
        return episode.success, furthest, len(counts), float(-(shares * np.log(shares)).sum())

    return max(episodes, key=worth)


def summary(subject: Subject) -> dict[str, Any]:
    """Return the results for machine-readable output."""
    skills, stages = [each.skills for each in subject.episodes], [each.stages for each in subject.episodes]
    chosen, lengths = usage(skills, subject.skills), segment_lengths(skills)
    return {
        "target": str(subject.target),
        "kind": subject.kind,
        "policy": subject.name,
        "task": subject.task,
        "episodes": len(subject.episodes),
        "seed": subject.episodes[0].seed,
        "success": [
            {
                "object_set": rate.object_set,
                "episodes": rate.episodes,
                "success": rate.success,
                "success_low": rate.low,
                "success_high": rate.high,
            }
            for rate in success_rates(subject.episodes)
        ],
        "skills": subject.skills,
        "usage": chosen,
        "transitions": transitions(skills, subject.skills),
        "segment_length_mean": float(np.mean(lengths)),
        "segment_length_median": float(np.median(lengths)),
        "mutual_information": mutual_information(skills, stages),
        "failures": {
            subject.stages[stage]: {name: [each.seed for each in found] for name, found in sets.items()}
            for stage, sets in failures(subject.episodes).items()
        },
    }
