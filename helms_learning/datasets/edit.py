"""Describing, joining and splitting dataset files."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from helms_learning.datasets.episode import DatasetError
from helms_learning.datasets.file import SPLITS, Dataset, DatasetWriter


def describe(path: Path) -> dict[str, Any]:
    """Return episodes, steps, success and what the episodes are made of.

    Raises:
        DatasetError: no whole dataset, or an episode that cannot be read.
    """
    with Dataset(path) as dataset:
        metas = [dataset.meta(name) for name in dataset.names]
        groups = sorted({(meta.task, meta.object_set) for meta in metas})
        return {
            "dataset": str(path),
            "episodes": len(metas),
            "steps": sum(map(dataset.length, dataset.names)),
            "success": float(np.mean([meta.success for meta in metas])),
            "drivers": dict(Counter(meta.driver for meta in metas)),
            "noise": dict(Counter(f"{meta.noise:g}" for meta in metas)),
            "groups": [
                {
                    "task": task,
                    "object_set": object_set,
                    "episodes": len(chosen),
                    "success": float(np.mean([meta.success for meta in chosen])),
                }
                for task, object_set in groups
                for chosen in [[meta for meta in metas if (meta.task, meta.object_set) == (task, object_set)]]
            ],
            "splits": {name: len(demos) for name, demos in dataset.masks().items()},
        }


def merge(paths: Sequence[Path], out: Path, valid: float = 0.05, seed: int = 0) -> None:
    """Write the episodes of several files into one, in their order, with a new split.

    Raises:
        DatasetError: a file that is no dataset, or `out` exists.
    """
    with DatasetWriter(out) as writer:
        for path in paths:
            with Dataset(path) as dataset:
                for episode in dataset.episodes():
                    writer.add(episode)
        writer.split(masks(writer.episodes, valid, seed))


def split(path: Path, valid: float, seed: int) -> dict[str, int]:
    """Draw anew which episodes are for validation; the file is written anew beside itself, then replaced.

    Raises:
        DatasetError: no dataset, or a share that leaves nothing on one side.
    """
    draft = path.with_name(f".{path.name}.split")
    draft.unlink(missing_ok=True)
    with DatasetWriter(draft) as writer:
        with Dataset(path) as dataset:
            for episode in dataset.episodes():
                writer.add(episode)
        chosen = masks(writer.episodes, valid, seed)
        writer.split(chosen)
    draft.replace(path)
    return {name: len(demos) for name, demos in chosen.items()}


def masks(episodes: int, valid: float, seed: int) -> dict[str, list[str]]:
    """Return the names of the demos of each split; a single episode serves as both.

    Args:
        episodes: how many there are.
        valid: share for validation, at least one episode.
        seed: of the draw.

    Raises:
        DatasetError: a share outside of 0 to 1.
    """
    if not 0.0 < valid < 1.0:
        raise DatasetError(f"the share for validation is {valid}; it must lie between 0 and 1")
    order = np.random.default_rng(seed).permutation(episodes)
    count = min(max(1, round(valid * episodes)), max(1, episodes - 1))
    parts = (order if episodes == 1 else order[count:], order[:count])
    return {name: [f"demo_{i}" for i in sorted(part)] for name, part in zip(SPLITS, parts, strict=True)}
