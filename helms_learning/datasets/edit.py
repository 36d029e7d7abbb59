"""Describing, joining and splitting dataset files."""

from collections import Counter
from collections.abc import Sequence
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np

from helms_control.durable import rename
from helms_control.spec.task import steps_of
from helms_learning.datasets.episode import CUT, DatasetError, Meta
from helms_learning.datasets.file import SPLITS, Dataset
from helms_learning.datasets.writer import DatasetWriter


def describe(path: Path) -> dict[str, Any]:
    """Return number, origin and success of a dataset's episodes.

    Success is separate for whole episodes and for those that were cut short, which had no time to succeed.

    Raises:
        DatasetError: no whole dataset, or an episode that cannot be read.
    """
    with Dataset(path) as dataset:
        found = [(dataset.meta(name), dataset.length(name)) for name in dataset.names]
        splits = {name: len(demos) for name, demos in dataset.masks().items()}
        digest = dataset.digest
    groups: dict[tuple[str, str], list[tuple[Meta, int]]] = {}
    for meta, steps in found:
        groups.setdefault((meta.task, meta.object_set), []).append((meta, steps))
    return {
        "dataset": str(path),
        "episodes": len(found),
        "steps": sum(steps for _, steps in found),
        **_ends(found),
        "drivers": dict(Counter(meta.driver for meta, _ in found)),
        "noise": dict(Counter("unknown" if isnan(meta.noise) else f"{meta.noise:g}" for meta, _ in found)),
        "groups": [
            {"task": task, "object_set": object_set, **_ends(groups[task, object_set])}
            for task, object_set in sorted(groups)
        ],
        "splits": splits,
        "digest": digest,
    }


def _ends(found: Sequence[tuple[Meta, int]]) -> dict[str, Any]:
    """Return number and success of the whole episodes, and of those that were cut short.

    An episode whose end was not recorded (format 1) counts as cut if it is shorter than its time and no success.
    """
    parts: dict[str, list[bool]] = {"whole": [], "cut_short": []}
    for meta, steps in found:
        cut = meta.ended == CUT or (not meta.ended and steps < steps_of(meta.task) and not meta.success)
        parts["cut_short" if cut else "whole"].append(meta.success)
    return {
        name: {"episodes": len(values), "success": float(np.mean(values)) if values else None}
        for name, values in parts.items()
    }


def merge(paths: Sequence[Path], out: Path, valid: float = 0.05, seed: int = 0, drop_duplicates: bool = False) -> int:
    """Write the episodes of several files into one, in their order, with a new split; return how many were dropped.

    Raises:
        DatasetError: a file that is no dataset, the same episode twice without `drop_duplicates`, or `out` exists.
    """
    with DatasetWriter(out, drop_duplicates) as writer:
        for path in paths:
            with Dataset(path) as dataset:
                for name in dataset.names:
                    writer.add(dataset.read(name), f"{path}, {name}")
        writer.split(masks(writer.episodes, valid, seed))
    return writer.dropped


def split(path: Path, valid: float, seed: int) -> dict[str, int]:
    """Draw a new validation split; the file is rewritten beside itself, then replaced.

    Raises:
        DatasetError: no dataset, or a share that leaves nothing on one side.
    """
    draft = path.with_name(f".{path.name}.split")
    draft.unlink(missing_ok=True)
    merge([path], draft, valid, seed)
    rename(draft, path)
    with Dataset(path) as dataset:
        return {name: len(demos) for name, demos in dataset.masks().items()}


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
