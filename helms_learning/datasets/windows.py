"""Windows of fixed length for training, drawn at random from datasets larger than memory."""

import json
import os
import re
import shutil
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from helms_control.durable import rename, sync_file, sync_folder
from helms_control.features import geometry
from helms_control.spec import ACTION, FRAMES, OBJECTS, PROPRIOCEPTION
from helms_control.spec.task import roles_of
from helms_learning.datasets.episode import DatasetError, Episode
from helms_learning.datasets.file import Dataset

FRAME = PROPRIOCEPTION.size + OBJECTS.size
TARGETS = ("expert_action", "actions")

Array = npt.NDArray[np.float32]


class Batch(NamedTuple):
    """B windows of T steps.

    Attributes:
        frames: (B, 2 + T + look-ahead, 85), single frames as recorded, or their features; padded with an episode's
            first and last frame.
        targets: (B, T, 5), actions.
    """

    frames: Array
    targets: Array


class Windows:
    """Random access to all windows of some demos of a dataset.

    The file's compressed arrays are unpacked once into flat files beside it, which are memory-mapped.

    Attributes:
        folder: of the flat files.
        frames: (N, 85), all frames of the dataset.
        shapes: (E, 3, geometry.SIZE), of the objects red, green, blue of each episode.
        roles: (E, 3), indices of the objects by their role in the task of each episode.
        lengths: (E,), frames of each episode.
    """

    def __init__(
        self, path: Path, split: str = "", length: int = 25, look_ahead: int = 5, target: str = "expert_action"
    ) -> None:
        """Open a dataset; it is unpacked on the first use.

        Args:
            path: of the HDF5 file.
            split: "train" or "valid"; empty for all.
            length: steps of a window, T.
            look_ahead: frames beyond the last step.
            target: "expert_action" or "actions".

        Raises:
            DatasetError: no dataset, a missing split, or no episode of sufficient length.
        """
        if target not in TARGETS:
            raise DatasetError(f"unknown target {target!r}; choose one of: {', '.join(TARGETS)}")
        self.folder = unpack(path)
        index = json.loads((self.folder / "index.json").read_text())
        self.frames: Array = np.load(self.folder / "frames.npy", mmap_mode="r")
        self._used: npt.NDArray[np.floating[Any]] = self.frames
        self._targets = np.load(self.folder / f"{target}.npy", mmap_mode="r")
        self.shapes: Array = np.load(self.folder / "shapes.npy")
        self.roles = np.array(index["roles"])
        self.lengths, names = np.array(index["lengths"]), index["names"]
        self._offsets = np.concatenate([[0], np.cumsum(self.lengths)[:-1]])
        if split and split not in index["masks"]:
            raise DatasetError(f"{path} has no split {split!r}; make it with helms dataset split {path}")
        wanted = set(index["masks"][split]) if split else set(names)
        chosen = [i for i, name in enumerate(names) if name in wanted and self.lengths[i] >= length]
        if not chosen:
            raise DatasetError(f"{path} has no episode of {length} steps or more to make windows of")
        self._chosen = np.array(chosen)
        self.length, self.look_ahead = length, look_ahead
        self._starts = np.cumsum(self.lengths[self._chosen] - length + 1)

    def __len__(self) -> int:
        """Return the number of windows."""
        return int(self._starts[-1])

    @property
    def steps(self) -> int:
        """Return the number of control steps."""
        return int(self.lengths[self._chosen].sum())

    def use(self, rows: npt.NDArray[np.floating[Any]]) -> None:
        """Draw these rows (N, n), features of the frames, instead of the frames."""
        self._used = rows

    def draw(self, count: int, seed: int, turn: int) -> Batch:
        """Return `count` windows drawn uniformly, determined by seed and turn."""
        return self.take(np.random.default_rng([seed, turn]).integers(len(self), size=count))

    def take(self, windows: npt.ArrayLike) -> Batch:
        """Return some windows, by index, 0 to `len(self)` - 1."""
        wanted = np.asarray(windows)
        at = np.searchsorted(self._starts, wanted, side="right")
        episodes = self._chosen[at]
        starts = wanted - np.where(at > 0, self._starts[at - 1], 0)
        offsets, last = self._offsets[episodes][:, None], self.lengths[episodes][:, None] - 1
        steps = starts[:, None] + np.arange(1 - FRAMES, self.length + self.look_ahead)
        frames = self._used[offsets + np.clip(steps, 0, last)].astype(np.float32)
        targets = self._targets[offsets + starts[:, None] + np.arange(self.length)]
        return Batch(frames, targets)

    def statistics(self) -> tuple[Array, Array]:
        """Return mean and standard deviation of the frames in use, (n,) each, over the chosen demos."""
        width = self._used.shape[1]
        total, squares, count = np.zeros(width), np.zeros(width), 0
        for episode in self._chosen:
            at = self._offsets[episode]
            frames = np.asarray(self._used[at : at + self.lengths[episode]], np.float64)
            total, squares, count = total + frames.sum(0), squares + np.square(frames).sum(0), count + len(frames)
        mean = total / count
        return mean.astype(np.float32), np.sqrt(np.maximum(squares / count - mean**2, 0.0)).astype(np.float32)


def unpack(path: Path) -> Path:
    """Write a dataset's arrays into flat files beside it, unless they exist; return their folder.

    Several processes may do so at once.

    Raises:
        DatasetError: no whole dataset, a number that is not finite, or no room.
    """
    with Dataset(path) as dataset:
        status = path.stat()
        # Named by the file's size and time, so that no process removes what another one is about to open.
        folder = path.with_name(f".{path.name}.{status.st_size:x}-{status.st_mtime_ns:x}.unpacked")
        if folder.is_dir():
            return folder
        draft = folder.with_name(f"{folder.name}.{os.getpid()}-{threading.get_ident()}")
        try:
            _write(dataset, draft)
            for file in draft.iterdir():
                sync_file(file)
            sync_folder(draft)
            rename(draft, folder)
        except OSError as error:
            # Another process may have been first.
            if not folder.is_dir():
                raise DatasetError(f"{path} cannot be unpacked beside itself: {error}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    # Those of earlier states of this file, not of a file whose name begins as this one's.
    ours = re.compile(re.escape(f".{path.name}.") + r"[0-9a-f]+-[0-9a-f]+\.unpacked")
    for other in path.parent.iterdir():
        if ours.fullmatch(other.name) and other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _write(dataset: Dataset, folder: Path) -> None:
    folder.mkdir(parents=True)
    lengths = [dataset.length(name) for name in dataset.names]
    total = sum(lengths)
    widths = {"frames": FRAME, "expert_action": ACTION.size, "actions": ACTION.size}
    with ExitStack() as stack:
        files = {name: stack.enter_context((folder / f"{name}.npy").open("wb")) for name in widths}
        for name, width in widths.items():
            begin_flat(files[name], total, width)
        digests: dict[str, str] = {}
        shapes: list[Array] = []
        roles: list[tuple[int, ...]] = []
        for name, episode in zip(dataset.names, dataset.episodes(), strict=True):
            other = digests.setdefault(episode.digest, name)
            if other != name:
                raise DatasetError(
                    f"{dataset.path}: {name} is the same episode as {other}: it would be in training and in "
                    f"validation; drop it with helms dataset merge {dataset.path} --drop-duplicates -o NEW.h5"
                )
            shapes.append(packed_shapes(episode))
            roles.append(roles_of(episode.meta.task))
            # The observation after the last action belongs to no step.
            frames = np.hstack([episode.proprioception, episode.objects])[: len(episode)]
            files["frames"].write(frames.astype("<f4").tobytes())
            for kind in TARGETS:
                files[kind].write(getattr(episode, kind).astype("<f4").tobytes())
    np.save(folder / "shapes.npy", np.stack(shapes))
    index = {"names": dataset.names, "lengths": lengths, "masks": dataset.masks(), "roles": roles}
    (folder / "index.json").write_text(json.dumps(index))


def packed_shapes(episode: Episode) -> Array:
    """Return the geometry of the shapes, (3, geometry.SIZE); zeros where they are unknown, for features without."""
    if not episode.shapes:
        return np.zeros((3, geometry.SIZE), np.float32)
    return geometry.pack(episode.shapes)


def begin_flat(file: BinaryIO, rows: int, width: int, kind: str = "<f4") -> None:
    """Write the header of a flat file, (rows, width).

    The data are written, not mapped: on a full disk a write raises an error, a mapped page ends the process.
    """
    header = {"descr": kind, "fortran_order": False, "shape": (rows, width)}
    np.lib.format.write_array_header_1_0(file, header)
