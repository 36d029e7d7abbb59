"""Synthetic report subjects."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from helms_control.features.features import FEATURES, fingerprint
from helms_control.policy import FeaturesUsed, Graph, Manifest
from helms_control.policy.contract import FILES
from helms_control.spec.streams import stamps
from helms_learning.report.episode import Played
from helms_learning.report.subject import Pictures, Subject


def make_played(**changes: Any) -> Played:  # noqa: ANN401 - any attribute
    """Return an episode of 100 steps that goes through five stages with two skills, and fails."""
    steps = np.arange(changes.pop("steps", 100))
    values: dict[str, Any] = {
        "object_set": "1",
        "seed": 7,
        "index": 0,
        "success": False,
        "skills": steps // 10 % 2,
        "latents": np.stack([np.cos(steps), 0.5 * np.sin(steps), 0.0 * steps], 1),
        "stages": steps // 20,
        "rewards": steps / len(steps),
        "successes": np.zeros(len(steps), bool),
    }
    return Played(**(values | changes))


def make_subject(*episodes: Played, **changes: Any) -> Subject:  # noqa: ANN401 - any attribute
    """Return a bundle with two skills, whose pictures are grey."""

    def photograph(_: Played, steps: Sequence[int]) -> Pictures:
        return [np.full((480, 640, 3), 128, np.uint8) for _ in steps]

    values: dict[str, Any] = {
        "kind": "bundle",
        "target": Path("policies/tiny"),
        "name": "tiny",
        "task": "red_on_blue",
        "skills": 2,
        "episodes": episodes or (make_played(),),
        "photograph": photograph,
        "watch": lambda episode: f"watch --seed {episode.seed}",
        "manifest": make_manifest(),
    }
    return Subject(**(values | changes))


def make_manifest(**changes: Any) -> Manifest:  # noqa: ANN401 - any attribute
    """Return the manifest of that bundle."""
    values: dict[str, Any] = {
        "name": "tiny",
        "kind": "hierarchical",
        "streams": stamps(("proprioception", "objects", "action")),
        "features": FeaturesUsed("raw", FEATURES["raw"].version, fingerprint(FEATURES["raw"]), "colours"),
        "skills": 2,
        "latent": 3,
        "tasks": ("red_on_blue",),
        "object_sets": ("1", "2"),
        "graphs": {name: Graph(FILES[name], 64 * "a", {}, {}) for name in ("features", "high", "mid", "low")},
        "training": {"command": "helms train offline <x>", "data": {"dataset": "demos.h5", "episodes": 12}},
    }
    return Manifest(**(values | changes))
