"""The dataset file: HDF5 in robomimic's layout.

    data                      attributes: format, spec_version, spec_hash, total, env_args
      demo_0                  attributes: num_samples, digest and those of `Meta`
        obs/*                 (T, n) float32, newest frame before each action: proprioception (n = 43), objects (n = 42)
        next_obs/*            (T, n) float32, newest frame after each action
        actions               (T, 5) float64, as executed
        expert_action         (T, 5) float64, the demonstrator's, without its disturbance
        rewards dones stages  (T,); dones marks the last step of a demo
        shapes/*              (V, 3) float64, m: convex hulls of the objects red, green, blue in their own frames
    observations/DIGEST/*     (T + 1, n), what obs and next_obs are views of (HDF5 virtual datasets)
    mask/train, mask/valid    names of demos, after `split`

`dones` is no terminal state: the tasks have none, and a demo ends at its time, after a standing success, or cut short,
which the attribute `ended` says ("time", "success", "cut"). A learner bootstraps its value from the last `next_obs`.

Observations are stored as single frames; readers stack three of them (robomimic: `frame_stack: 3`), the first one
repeated at the start, as in the cell. The views find their numbers by digest, so a demo may be copied under another
name; copied to another file without `observations`, its views read as NaN or fail. Files of format 1 have neither
`next_obs` nor `observations`; before format 3, `expert_action` was called `intended`, and shapes follow from the
objects' names.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields
from math import nan
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.spec import SPEC
from helms_learning.datasets.episode import ARRAYS, CELL, OBSERVATIONS, SHAPES, DatasetError, Episode, Meta
from helms_sim.objects import rgb_object

FORMAT = 3
READABLE = (1, 2, 3)
SPLITS = ("train", "valid")


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
                f"{path} has format {attributes.get('format')}; this release reads {', '.join(map(str, READABLE))}"
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
        if "ended" not in values and values["source"] != CELL:  # format 1 called the unknown noise of a bag 0
            values["noise"] = nan
        values["objects"] = tuple(json.loads(values["objects"]))
        values["success"] = bool(values["success"])
        return Meta(**values)

    def length(self, name: str) -> int:
        """Return the control steps of a demo."""
        return int(self._file["data"][name].attrs["num_samples"])

    def read(self, name: str) -> Episode:
        """Return a demo.

        Raises:
            DatasetError: it is damaged, changed, of a wrong shape, or holds a number that is not finite.
        """
        group = self._file["data"][name]
        try:
            arrays = {key: group[_stored(group, key)][()] for key in ARRAYS}
            for key in OBSERVATIONS:
                last = [group[f"next_obs/{key}"][-1:]] if "next_obs" in group else []
                arrays[key] = np.concatenate([group[f"obs/{key}"][()], *last])
            meta = self.meta(name)
            episode = Episode(**arrays, meta=meta, shapes=_shapes(group, meta))
        except (OSError, KeyError, RuntimeError, HelmsError) as error:
            raise DatasetError(f"{self.path}, {name}: {error}") from error
        if group.attrs.get("digest", episode.digest) != episode.digest:
            raise DatasetError(
                f"{self.path}, {name}: its numbers are not those that were written; build the file anew, or delete the "
                "attribute digest of a demo that was edited on purpose"
            )
        return episode

    def episodes(self) -> Iterator[Episode]:
        """Yield all demos in order."""
        yield from map(self.read, self.names)

    @property
    def digest(self) -> str:
        """SHA-256 of the episodes' digests in their order; "unknown" for format 1, which has none."""
        found = [self._file["data"][name].attrs.get("digest", "") for name in self.names]
        return hashlib.sha256("\n".join(found).encode()).hexdigest() if all(found) else "unknown"

    def masks(self) -> dict[str, list[str]]:
        """Return the names of the demos of each split; empty before `split`."""
        if "mask" not in self._file:
            return {}
        return {name: [item.decode() for item in values[()]] for name, values in self._file["mask"].items()}


def _shapes(group: h5py.Group, meta: Meta) -> tuple[npt.NDArray[np.float64], ...]:
    """Return the objects' vertices; before format 3 those of the published shapes of their names."""
    if "shapes" in group:
        return tuple(group[f"shapes/{name}"][()] for name in SHAPES)
    return tuple(rgb_object(name).vertices for name in meta.objects)


def _stored(group: h5py.Group, key: str) -> str:
    """Return the name of an array in the file: before format 3 the demonstrator's actions were called intended."""
    return "intended" if key == "expert_action" and "intended" in group else key
