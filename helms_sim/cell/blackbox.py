"""Ring buffer of an episode's last states, written to a file when the physics diverges."""

import itertools
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from helms_control.durable import whole_file
from helms_sim.cell.cell import Cell

Array = npt.NDArray[np.float64]

LENGTH = 32
"""Control steps kept."""


class BlackBox:
    """Ring buffer of the last control steps: time, positions, velocities and controls."""

    def __init__(self) -> None:
        """Start empty."""
        self._rows: Array = np.zeros((0, 0))
        self._next = 0

    def record(self, cell: Cell) -> None:
        """Keep the current state of a cell."""
        data = cell.data
        width = 1 + data.qpos.size + data.qvel.size + data.act.size + data.ctrl.size
        if self._rows.shape[1] != width:
            self._rows = np.zeros((LENGTH, width))
            self._next = 0
        np.concatenate(([data.time], data.qpos, data.qvel, data.act, data.ctrl), out=self._rows[self._next % LENGTH])
        self._next += 1

    def clear(self) -> None:
        """Clear the buffer at the start of an episode."""
        self._next = 0

    def states(self) -> Array:
        """Return the kept rows, oldest first: (at most 32, 1 + nq + nv + na + nu)."""
        if self._next <= LENGTH:
            return self._rows[: self._next].copy()
        return np.roll(self._rows, -(self._next % LENGTH), axis=0)

    def dump(self, folder: Path, name: str, reason: str) -> Path:
        """Write the kept states to an .npz file; none is overwritten, and a half-written one never has the final name.

        Args:
            folder: created when missing.
            name: of the file, without ending; process and a count are added.
            reason: why the episode ended.

        Returns:
            The file written; arrays `states` (rows as in `states()`) and `reason`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        names = (f"{name}_{os.getpid()}_{count}" for count in itertools.count(1))
        name = next(name for name in names if not (folder / f"{name}.npz").exists())
        path = folder / f"{name}.npz"
        with whole_file(path) as draft:
            np.savez_compressed(draft, states=self.states(), reason=np.array(reason))
        return path
