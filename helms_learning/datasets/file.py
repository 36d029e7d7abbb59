"""The dataset file: HDF5 in robomimic's layout, written whole or not at all.

    data                      attributes: format, spec_version, spec_hash, total, env_args
      demo_0                  attributes: num_samples, digest and those of `Meta`
        observations/*        (T + 1, n) float32, newest frame: proprioception (n = 43) and objects (n = 42)
        obs/*                 (T, n), observations 0 to T - 1: a view of the above (HDF5 virtual dataset)
        next_obs/*            (T, n), observations 1 to T: likewise
        actions               (T, 5) float64, as executed
        intended              (T, 5) float64, without the demonstrator's disturbance
        rewards dones stages  (T,); dones marks the end of the file's episode, which for these tasks is a time limit
    mask/train, mask/valid    names of demos, after `split`

Observations are stored as single frames; readers stack three of them (robomimic: `frame_stack: 3`), the first one
repeated at the start, as in the cell. Files of format 1 have neither `observations` nor `next_obs`.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from helms_control.durable import rename
from helms_control.errors import HelmsError
from helms_control.spec import SPEC
from helms_learning.datasets.episode import DatasetError, Episode, Meta
from helms_learning.datasets.sink import Sink
from helms_sim.registration import environment_id

FORMAT = 2
READABLE = (1, 2)
SPLITS = ("train", "valid")
_ARRAYS = ("actions", "intended", "rewards", "stages")
_OBSERVATIONS = ("proprioception", "objects")
_COMPRESSION = {"compression": "gzip", "compression_opts": 4, "shuffle": True}


class DatasetWriter:
    """Writes episodes; the file gets its name when the `with` block ends without an error.

    Attributes:
        episodes: written so far.
        steps: control steps written so far.
        dropped: episodes left out because the file holds them already.
    """

    def __init__(self, path: Path, drop_duplicates: bool = False) -> None:
        """Begin a file.

        Args:
            path: of the file.
            drop_duplicates: leave out an episode that is in the file already, instead of refusing it.

        Raises:
            DatasetError: the name is taken, or its folder cannot be written to.
        """
        if path.exists():
            raise DatasetError(f"{path} exists already; choose another name, or delete it")
        self._path, self._partial = path, path.with_name(path.name + ".partial")
        self.episodes = self.steps = self.dropped = 0
        self._drop, self._known = drop_duplicates, dict[str, str]()
        self._tasks, self._sets = set[str](), set[str]()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._sink = Sink(self._partial)
            self._file = h5py.File(self._sink, "w", libver="latest")
            self._data = self._file.create_group("data")
        except OSError as error:
            self._give_up()
            raise DatasetError(f"{path} cannot be written: {error}") from error

    def add(self, episode: Episode) -> None:
        """Append an episode.

        Raises:
            DatasetError: the episode is in the file already, the disk is full, or another error of the file system.
        """
        digest, meta = episode.digest, episode.meta
        where = f"seed {meta.seed} of {meta.source or 'an unnamed source'}"
        if digest in self._known:
            if self._drop:
                self.dropped += 1
                return
            raise DatasetError(
                f"the episode of {where} is the same as that of {self._known[digest]}: it would be in training and in "
                "validation. Name each bag and dataset once, or give --drop-duplicates"
            )
        self._known[digest] = where
        try:
            self._add(episode)
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
            attributes = self._data.attrs
            attributes["format"], attributes["total"] = FORMAT, self.steps
            attributes["spec_version"], attributes["spec_hash"] = SPEC.version, SPEC.hash
            attributes["env_args"] = json.dumps(environment_of(self._tasks, self._sets))
            self._file.close()
            self._refuse_lost()
            self._sink.close()
            rename(self._partial, self._path)
        except OSError as problem:
            self._give_up()
            raise DatasetError(f"{self._path} cannot be written: {problem}; nothing was left behind") from problem

    def _add(self, episode: Episode) -> None:
        group = self._data.create_group(f"demo_{self.episodes}")
        for key, value in asdict(episode.meta).items():
            group.attrs[key] = json.dumps(value) if isinstance(value, list | tuple) else value
        group.attrs["num_samples"], group.attrs["digest"] = len(episode), episode.digest
        self._tasks.add(episode.meta.task)
        self._sets.add(episode.meta.object_set)
        dones = np.zeros(len(episode), np.uint8)
        dones[-1] = 1
        arrays = {name: getattr(episode, name) for name in _ARRAYS} | {"dones": dones}
        for name, array in arrays.items():
            group.create_dataset(name, data=array, **_COMPRESSION)
        for name in _OBSERVATIONS:
            _write_observations(group, name, getattr(episode, name), len(episode))
        self._file.flush()
        self.episodes += 1
        self.steps += len(episode)

    def _refuse_lost(self) -> None:
        if self._sink.error is not None:
            raise self._sink.error

    def _give_up(self) -> None:
        with suppress(OSError, RuntimeError):  # the file is removed
            if hasattr(self, "_file"):
                self._file.close()
            if hasattr(self, "_sink"):
                self._sink.close()
        self._partial.unlink(missing_ok=True)


def environment_of(tasks: Collection[str], object_sets: Collection[str]) -> dict[str, Any]:
    """Return robomimic's env_args: the gymnasium environment of the episodes, or what they mix."""
    if len(tasks) > 1:
        return {"env_name": "mixed", "type": 2, "env_kwargs": {"tasks": sorted(tasks)}}
    only = sorted(object_sets)[0] if len(object_sets) == 1 else None
    return {"env_name": environment_id(*tasks), "type": 2, "env_kwargs": {} if only is None else {"object_set": only}}


def _write_observations(group: h5py.Group, name: str, array: npt.NDArray[np.float32], steps: int) -> None:
    """Write observations (T + 1, n) once, with views of the first and of the last T; (T, n) without the latter."""
    if len(array) == steps:
        group.create_dataset(f"obs/{name}", data=array, **_COMPRESSION)
        return
    stored = group.create_dataset(f"observations/{name}", data=array, **_COMPRESSION)
    source = h5py.VirtualSource(".", stored.name, stored.shape, stored.dtype)
    for view, start in (("obs", 0), ("next_obs", 1)):
        layout = h5py.VirtualLayout((steps, array.shape[1]), array.dtype)
        layout[:] = source[start : start + steps]
        group.create_virtual_dataset(f"{view}/{name}", layout)


class Dataset:
    """An open dataset file.

    Attributes:
        path: of the file.
        names: of its demos, in order.
    """

    def __init__(self, path: Path) -> None:
        """Open and check a file.

        Raises:
            DatasetError: it is missing, no dataset, damaged, or of another contract.
        """
        self.path = path
        if not path.is_file():
            raise DatasetError(f"{path} does not exist; make one with helms dataset build or helms dataset collect")
        try:
            self._file = h5py.File(path, "r")
            data = self._file["data"]
            attributes = dict(data.attrs)
            demos = [name for name in data if name.startswith("demo_")]
        except (OSError, KeyError, RuntimeError) as error:
            raise DatasetError(f"{path} is no whole dataset: {error}") from error
        if attributes.get("format") not in READABLE:
            raise DatasetError(
                f"{path} has format {attributes.get('format')!r}; this release reads {', '.join(map(str, READABLE))}"
            )
        if attributes.get("spec_hash") != SPEC.hash:
            raise DatasetError(
                f"{path} is of spec {attributes.get('spec_version')} ({str(attributes.get('spec_hash'))[:12]}), "
                f"but this release speaks spec {SPEC.label}; build it anew from the bags with this release"
            )
        self.names = sorted(demos, key=lambda name: int(name.removeprefix("demo_")))

    def __len__(self) -> int:
        """Return the number of episodes."""
        return len(self.names)

    def __enter__(self) -> "Dataset":
        """Return the dataset."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def meta(self, name: str) -> Meta:
        """Return origin and end of a demo."""
        attributes = self._file["data"][name].attrs
        values: dict[str, Any] = {}
        for item in fields(Meta):
            if item.name == "ended" and item.name not in attributes:  # format 1
                continue
            value = attributes[item.name]
            values[item.name] = value.item() if isinstance(value, np.generic) else value
        values["objects"] = tuple(json.loads(values["objects"]))
        values["success"] = bool(values["success"])
        return Meta(**values)

    def length(self, name: str) -> int:
        """Return the control steps of a demo."""
        return int(self._file["data"][name].attrs["num_samples"])

    def read(self, name: str) -> Episode:
        """Return a demo.

        Raises:
            DatasetError: it is damaged, of a wrong shape, or holds a number that is not finite.
        """
        group = self._file["data"][name]
        try:
            arrays = {key: group[key][()] for key in _ARRAYS}
            stored = group["observations"] if "observations" in group else group["obs"]
            seen = {key: stored[key][()] for key in _OBSERVATIONS}
            return Episode(**seen, **arrays, meta=self.meta(name))
        except (OSError, KeyError, RuntimeError, HelmsError) as error:
            raise DatasetError(f"{self.path}, {name}: {error}") from error

    def episodes(self) -> Iterator[Episode]:
        """Yield all demos in order."""
        yield from map(self.read, self.names)

    def masks(self) -> dict[str, list[str]]:
        """Return the names of the demos of each split; empty before `split`."""
        if "mask" not in self._file:
            return {}
        return {name: [item.decode() for item in values[()]] for name, values in self._file["mask"].items()}
