"""Cache of the features of all frames of a dataset; features have no trained parameters."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from tqdm import tqdm

from helms_control.durable import rename, sync_file
from helms_control.features.features import Features, fingerprint
from helms_control.features.roles import ordered, reordered
from helms_control.spec import PROPRIOCEPTION
from helms_learning.datasets.episode import DatasetError
from helms_learning.datasets.windows import Windows, begin_flat

Array = npt.NDArray[np.floating]

ROWS = 4096
"""Number of frames in a batch."""
LONG = 200_000
"""Number of frames from which a progress bar is shown."""


def features_of(windows: Windows, features: Features, order: str) -> Array:
    """Return the features of all frames of a dataset, (N, n), robot and scene; made once and memory-mapped.

    Features that are not standardised are kept in half precision: 0.2 mm of a position at the basket's edge.

    Args:
        windows: of the dataset; the file is kept beside its flat files.
        features: to compute.
        order: of the objects, one of `roles.ORDERS`.

    Raises:
        DatasetError: the shapes of an episode are unknown, or the file cannot be written.
    """
    if features.name == "raw" and order == "colours":
        return windows.frames
    if features.name != "raw" and not windows.shapes.any(axis=(1, 2)).all():
        raise DatasetError(
            f"{windows.folder.parent}: an episode does not say which objects it has; {features.name} features need "
            "their shapes. Train with policy.features=raw, or build the dataset from recordings that name them"
        )
    path = windows.folder / f"{features.name}_{order}_{fingerprint(features)[:12]}.npy"
    if not path.is_file():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            _write(windows, draft, features, order)
            sync_file(draft)
            rename(draft, path)
        except OSError as error:
            raise DatasetError(f"{path} cannot be written: {error}; nothing was trained, make room") from error
        finally:
            draft.unlink(missing_ok=True)
    found: Array = np.load(path, mmap_mode="r")
    return found


def _write(windows: Windows, path: Path, features: Features, order: str) -> None:
    count, kind = len(windows.frames), "<f4" if features.standardised else "<f2"
    episodes = np.repeat(np.arange(len(windows.lengths)), windows.lengths)
    with path.open("wb") as file:
        begin_flat(file, count, sum(features.frame_sizes), kind)
        with tqdm(total=count, unit="frame", unit_scale=True, desc="features", disable=count < LONG) as bar:
            for start in range(0, count, ROWS):
                rows = slice(start, start + ROWS)
                file.write(_computed(windows, rows, episodes[rows], features, order).astype(kind).tobytes())
                bar.update(len(episodes[rows]))


def _computed(
    windows: Windows, rows: slice, episodes: npt.NDArray[np.int64], features: Features, order: str
) -> npt.NDArray[np.float32]:
    frames = np.array(windows.frames[rows])
    found = np.empty((len(frames), sum(features.frame_sizes)), np.float32)
    orders = [ordered(order, roles) for roles in windows.roles[episodes].tolist()]
    for places in set(orders):
        chosen = np.array([each == places for each in orders])
        own, objects = np.split(frames[chosen], [PROPRIOCEPTION.size], -1)
        found[chosen] = frame_features(features, own, objects, windows.shapes[episodes[chosen]], places).numpy()
    return found


def frame_features(features: Features, own: Array, objects: Array, shapes: Array, places: Sequence[int]) -> Tensor:
    """Return the features of single frames, robot and scene, (N, n).

    Args:
        features: to compute.
        own: proprioception, (N, 43).
        objects: (N, 42), red, green and blue.
        shapes: (N, 3, geometry.SIZE), likewise.
        places: indices of the objects in the order of the features.
    """
    robot = features.robot(torch.from_numpy(own))
    scene = features.scene(
        torch.from_numpy(reordered(objects, places)), robot, torch.from_numpy(shapes[:, list(places)])
    )
    return torch.cat([robot, scene], -1)
