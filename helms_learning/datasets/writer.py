"""Writing a dataset file, whole or not at all."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py
import numpy as np

from helms_control.durable import rename
from helms_control.spec import SPEC
from helms_learning.datasets.episode import ARRAYS, OBSERVATIONS, SHAPES, DatasetError, Episode, Meta
from helms_learning.datasets.file import FORMAT
from helms_learning.datasets.sink import Sink
from helms_sim.registration import environment_id

_COMPRESSION = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
_READERS = ("v110", "v110")
"""HDF5 1.10, the first release with virtual datasets, and later ones can read the file."""


class DatasetWriter:
    """Writes episodes; the file gets its name when the `with` block ends without an error.

    Attributes:
        episodes: written so far.
        steps: control steps written so far.
        dropped: episodes left out because the file holds them already.
    """

    def __init__(self, path: Path, drop_duplicates: bool = False) -> None:
        """Begin a file; it is called .NAME.partial, and what a killed process left there is overwritten.

        Args:
            path: of the file.
            drop_duplicates: leave out an episode that is in the file already, instead of refusing it.

        Raises:
            DatasetError: the name is taken, its folder cannot be written to, or another process writes this file.
        """
        if path.exists():
            raise DatasetError(f"{path} exists already; choose another name, or delete it")
        self._path, self._partial = path, path.with_name(f".{path.name}.partial")
        self.steps = self.dropped = 0
        self._drop, self._known = drop_duplicates, dict[str, str]()
        self._metas: list[Meta] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._sink = Sink(self._partial)
        except OSError as error:
            raise DatasetError(f"{path} cannot be written: {error}") from error
        self._file = h5py.File(self._sink, "w", libver=_READERS)
        self._data = self._file.create_group("data")

    @property
    def episodes(self) -> int:
        """Return the number of episodes written so far."""
        return len(self._metas)

    def add(self, episode: Episode, place: str = "") -> None:
        """Append an episode.

        Args:
            episode: to append.
            place: that it comes from, for messages.

        Raises:
            DatasetError: the episode is in the file already, the disk is full, or another error of the file system.
        """
        digest, where = (
            episode.digest,
            f"seed {episode.meta.seed} of {place or episode.meta.source or 'unknown source'}",
        )
        if digest in self._known:
            if self._drop:
                self.dropped += 1
                return
            raise DatasetError(
                f"the episode of {where} is the same as that of {self._known[digest]}: it would be in training and in "
                "validation. Name each bag and dataset once, or leave it out with --drop-duplicates of helms dataset "
                "build or merge"
            )
        self._known[digest] = where
        try:
            self._add(episode, digest)
            self._refuse_lost()
        except OSError as error:
            raise DatasetError(f"{self._path} cannot be written: {error}; nothing was left behind") from error

    def split(self, masks: dict[str, list[str]]) -> None:
        """Write the names of the demos of each split."""
        for name, demos in masks.items():
            self._file.create_dataset(f"mask/{name}", data=np.array(demos, "S"))

    def __enter__(self) -> "DatasetWriter":
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give the file its name, or remove it after an error."""
        if kind is not None:
            self._give_up()
            return
        if not self.episodes:
            self._give_up()
            raise DatasetError(f"{self._path} would hold no episode; it was not written")
        try:
            self._finish()
        except OSError as problem:
            self._give_up()
            raise DatasetError(f"{self._path} cannot be written: {problem}; nothing was left behind") from problem

    def _add(self, episode: Episode, digest: str) -> None:
        group = self._data.create_group(f"demo_{self.episodes}")
        for key, value in asdict(episode.meta).items():
            group.attrs[key] = json.dumps(value) if isinstance(value, list | tuple) else value
        group.attrs["num_samples"], group.attrs["digest"] = len(episode), digest
        dones = np.zeros(len(episode), np.uint8)
        dones[-1] = 1
        for name, array in ({name: getattr(episode, name) for name in ARRAYS} | {"dones": dones}).items():
            group.create_dataset(name, data=array, **_COMPRESSION)
        for name in OBSERVATIONS:
            array = getattr(episode, name)
            if episode.has_last:
                stored = self._file.create_dataset(f"observations/{digest}/{name}", data=array, **_COMPRESSION)
                _view(group, name, stored)
            else:
                group.create_dataset(f"obs/{name}", data=array, **_COMPRESSION)
        for name, vertices in zip(SHAPES, episode.shapes, strict=False):
            group.create_dataset(f"shapes/{name}", data=vertices)
        self._file.flush()
        self._metas.append(episode.meta)
        self.steps += len(episode)

    def _finish(self) -> None:
        attributes = self._data.attrs
        attributes["format"], attributes["total"] = FORMAT, self.steps
        attributes["spec_version"], attributes["spec_hash"] = SPEC.version, SPEC.hash
        attributes["env_args"] = json.dumps(environment_of(self._metas))
        self._file.close()
        self._refuse_lost()
        self._sink.sync()
        if self._path.exists():
            taken, self._path = self._path, self._path.with_stem(f"{self._path.stem}_{os.getpid()}")
            rename(self._partial, self._path)
            self._sink.close()
            raise DatasetError(f"{taken} was made by another process in the meantime; this one is {self._path}")
        rename(self._partial, self._path)
        self._sink.close()

    def _refuse_lost(self) -> None:
        if self._sink.error is not None:
            raise self._sink.error

    def _give_up(self) -> None:
        with suppress(OSError, RuntimeError):  # the file is removed
            self._file.close()
        self._partial.unlink(missing_ok=True)
        self._sink.close()


def environment_of(metas: Sequence[Meta]) -> dict[str, Any]:
    """Return robomimic's env_args: the gymnasium environment of the episodes, and all values that they mix.

    The environment's name is "mixed" for several tasks; its arguments hold only what is the same for all episodes.
    """
    found = {name: sorted({getattr(meta, name) for meta in metas}) for name in ("task", "object_set", "randomisation")}
    same = {name: values[0] for name, values in found.items() if len(values) == 1}
    return {
        "env_name": environment_id(same.pop("task")) if "task" in same else "mixed",
        "type": 2,  # robomimic's EnvType.GYM_TYPE
        "env_kwargs": same,
        **{f"{name}s": values for name, values in found.items()},
    }


def _view(group: h5py.Group, name: str, stored: h5py.Dataset) -> None:
    """Add views of the first and of the last T of T + 1 observations, as obs and next_obs."""
    steps, width = stored.shape[0] - 1, stored.shape[1]
    source = h5py.VirtualSource(".", stored.name, stored.shape, stored.dtype)
    for view, start in (("obs", 0), ("next_obs", 1)):
        layout = h5py.VirtualLayout((steps, width), stored.dtype)
        layout[:] = source[start : start + steps]
        group.create_virtual_dataset(f"{view}/{name}", layout, fillvalue=np.nan)
