"""Cache of the features of all frames of a dataset; features have no trained parameters."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from helms_control.durable import rename, sync_file
from helms_learning.datasets.episode import DatasetError
from helms_learning.datasets.windows import Array, begin_flat

ROWS = 4096
"""Number of frames in a batch."""
SAMPLE = 1024
"""Number of frames on which a cached file is checked against the current features."""
LONG = 200_000
"""Number of frames from which a progress bar is shown."""


def look(frames: Array, path: Path, see: Callable[[Tensor], Tensor]) -> Array:
    """Return the features of frames as a memory-mapped file, which is written unless a valid one exists.

    Args:
        frames: (N, 85).
        path: of the file.
        see: features (n, F) of frames (n, 85).

    Raises:
        DatasetError: the file cannot be written.
    """
    if not _still_true(frames, path, see):
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            _write(frames, draft, see)
            sync_file(draft)
            rename(draft, path)
        except OSError as error:
            raise DatasetError(f"{path} cannot be written: {error}; nothing was trained, make room") from error
        finally:
            draft.unlink(missing_ok=True)
    seen: Array = np.load(path, mmap_mode="r")
    return seen


def _still_true(frames: Array, path: Path, see: Callable[[Tensor], Tensor]) -> bool:
    if not path.is_file():
        return False
    try:
        known = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError):  # damaged: it is made anew
        return False
    rows = np.unique(np.linspace(0, len(frames) - 1, SAMPLE).astype(int))
    now = _seen(frames[rows], see)
    return len(known) == len(frames) and known.shape[1:] == now.shape[1:] and np.allclose(known[rows], now, atol=1e-5)


def _write(frames: Array, path: Path, see: Callable[[Tensor], Tensor]) -> None:
    width = _seen(frames[:1], see).shape[1]
    with path.open("wb") as file:
        begin_flat(file, len(frames), width)
        with tqdm(total=len(frames), unit="frame", unit_scale=True, desc="features", disable=len(frames) < LONG) as bar:
            for start in range(0, len(frames), ROWS):
                rows = frames[start : start + ROWS]
                file.write(_seen(rows, see).tobytes())
                bar.update(len(rows))


def _seen(frames: Array, see: Callable[[Tensor], Tensor]) -> Array:
    with torch.no_grad():
        seen: Array = see(torch.from_numpy(np.array(frames))).numpy().astype("<f4")
    return seen
