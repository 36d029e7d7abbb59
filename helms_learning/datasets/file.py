"""The dataset file: HDF5 in robomimic's layout, written whole or not at all.

    data                      attributes: format, spec_version, spec_hash, total, env_args
      demo_0                  attributes: num_samples and those of `Meta`
        obs/proprioception    (T, 43) float32, newest frame
        obs/objects           (T, 42) float32, newest frame
        actions               (T, 5) float64, carried out
        intended              (T, 5) float64, without the demonstrator's disturbance
        rewards dones stages  (T,)
    mask/train, mask/valid    names of demos, after `split`

Observations are stored as single frames; readers stack three of them (robomimic: `frame_stack: 3`), the first one
repeated at the beginning, as the cell itself does.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py
import numpy as np

from helms_control.errors import HelmsError
from helms_control.spec import SPEC
from helms_learning.datasets.episode import DatasetError, Episode, Meta
from helms_learning.datasets.sink import Sink

FORMAT = 1
SPLITS = ("train", "valid")
_ARRAYS = ("actions", "intended", "rewards", "stages")


class DatasetWriter:
    """Writes episodes; the file gets its name when the `with` block ends without an error."""

    def __init__(self, path: Path) -> None:
        """Begin a file.

        Raises:
            DatasetError: the name is taken, or its folder cannot be written to.
        """
        if path.exists():
            raise DatasetError(f"{path} exists already; choose another name, or delete it")
        self._path, self._partial = path, path.with_name(path.name + ".partial")
        self.episodes = self.steps = 0
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
            DatasetError: the disk is full, or another error of the file system.
        """
        try:
            self._add(episode)
            self._refuse_lost()
        except OSError as error:
            raise DatasetError(f"{self._path} cannot be written: {error}; nothing was left behind") from error

    def split(self, masks: dict[str, list[str]]) -> None:
        """Note which demos are for training and which for validation."""
        for name, demos in masks.items():
            self._file.create_dataset(f"mask/{name}", data=np.array(demos, "S"))

    def __enter__(self) -> "DatasetWriter":
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give the file its name, or leave nothing."""
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
            attributes["env_args"] = json.dumps({"env_name": "helms/RedOnBlue-v0", "type": 2, "env_kwargs": {}})
            self._file.close()
            self._refuse_lost()
            self._sink.close()
            self._partial.replace(self._path)
        except OSError as problem:
            self._give_up()
            raise DatasetError(f"{self._path} cannot be written: {problem}; nothing was left behind") from problem

    def _add(self, episode: Episode) -> None:
        group = self._data.create_group(f"demo_{self.episodes}")
        for key, value in asdict(episode.meta).items():
            group.attrs[key] = json.dumps(value) if isinstance(value, list | tuple) else value
        group.attrs["num_samples"] = len(episode)
        dones = np.zeros(len(episode), np.uint8)
        dones[-1] = 1
        arrays = {name: getattr(episode, name) for name in _ARRAYS} | {"dones": dones}
        arrays |= {"obs/proprioception": episode.proprioception, "obs/objects": episode.objects}
        for name, array in arrays.items():
            group.create_dataset(name, data=array, compression="gzip", compression_opts=4, shuffle=True)
        self._file.flush()
        self.episodes += 1
        self.steps += len(episode)

    def _refuse_lost(self) -> None:
        if self._sink.error is not None:
            raise self._sink.error

    def _give_up(self) -> None:
        with suppress(OSError, RuntimeError):  # of what is thrown away anyway
            if hasattr(self, "_file"):
                self._file.close()
            if hasattr(self, "_sink"):
                self._sink.close()
        self._partial.unlink(missing_ok=True)


class Dataset:
    """An open dataset file.

    Attributes:
        path: of the file.
        names: of its demos, in order.
    """

    def __init__(self, path: Path) -> None:
        """Open and check a file.

        Raises:
            DatasetError: it is missing, no dataset, torn, or of another contract; both sides are named.
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
        if attributes.get("format") != FORMAT:
            raise DatasetError(f"{path} has format {attributes.get('format')!r}; this release reads format {FORMAT}")
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
        """Return where a demo comes from."""
        attributes = self._file["data"][name].attrs
        values: dict[str, Any] = {}
        for item in fields(Meta):
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
            DatasetError: it is torn, of a wrong shape, or holds a number that is not finite.
        """
        group = self._file["data"][name]
        try:
            arrays = {key: group[key][()] for key in _ARRAYS}
            seen = {key: group["obs"][key][()] for key in ("proprioception", "objects")}
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
