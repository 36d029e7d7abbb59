"""Worker process: several environments whose observations are written into shared memory."""

import multiprocessing.connection
import os
import traceback
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
import numpy.typing as npt

INFOS = ("success", "stage", "clipped")
"""What every step's `info` holds; it travels through shared memory, everything rarer through the pipe."""


@dataclass(frozen=True, slots=True)
class Block:
    """An array in shared memory."""

    name: str
    """Name of the shared memory."""
    shape: tuple[int, ...]
    """Shape of the array."""
    dtype: str
    """Its element type."""

    def open(self) -> tuple[SharedMemory, npt.NDArray[Any]]:
        """Attach to the memory; the caller closes it and keeps it as long as the array is used."""
        memory = SharedMemory(name=self.name)
        return memory, np.ndarray(self.shape, self.dtype, buffer=memory.buf)


def run_worker(
    pipe: "multiprocessing.connection.Connection[Any, Any]",
    rows: range,
    options: dict[str, Any],
    blocks: dict[str, Block],
    core: int | None,
) -> None:
    """Serve until told to close.

    Args:
        pipe: takes ("reset", seeds, options), ("step",) or ("close",); answers ("ok", rare infos by row) or
            ("error", text).
        rows: which rows of the shared arrays are this worker's.
        options: for every `StackEnv`.
        blocks: the shared arrays by name.
        core: processor to run on; None leaves it to the system.
    """
    if core is not None:
        # A message through a pipe makes Linux wake its reader on the sender's core: all workers would share one.
        os.sched_setaffinity(0, {core})
    if hasattr(os, "SCHED_BATCH"):
        # Else the first worker to be woken takes the processor before the sender has woken the others.
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    memories, arrays = {}, {}
    try:
        from helms_sim.env import StackEnv

        for name, block in blocks.items():
            memories[name], arrays[name] = block.open()
        host = _Host([StackEnv(**options) for _ in rows], rows, arrays)
        pipe.send(("ok", {}))
        while (message := pipe.recv())[0] != "close":
            pipe.send(("ok", getattr(host, message[0])(*message[1:])))
        host.close()
    except (EOFError, KeyboardInterrupt):
        pass
    except Exception:  # whatever it is, the parent must hear of it
        pipe.send(("error", traceback.format_exc()))
    finally:
        arrays.clear()
        for memory in memories.values():
            memory.close()


class _Host:
    def __init__(self, envs: list[Any], rows: range, arrays: dict[str, npt.NDArray[Any]]) -> None:
        self._envs, self._rows, self._arrays = envs, rows, arrays

    def reset(self, seeds: list[int | None], options: dict[str, Any] | None) -> dict[int, dict[str, Any]]:
        special = {}
        for env, row, seed in zip(self._envs, self._rows, seeds, strict=True):
            observation, info = env.reset(seed=seed, options=options)
            self._note(row, observation, info)
            special[row] = info
        return special

    def step(self) -> dict[int, dict[str, Any]]:
        special, arrays = {}, self._arrays
        for env, row in zip(self._envs, self._rows, strict=True):
            observation, reward, terminated, truncated, info = env.step(arrays["action"][row])
            arrays["reward"][row], arrays["terminated"][row], arrays["truncated"][row] = reward, terminated, truncated
            if terminated or truncated:
                final = {"final_obs": observation, "final_info": info}
                observation, info = env.reset()
                special[row] = info | final
            self._note(row, observation, info)
        return special

    def close(self) -> None:
        for env in self._envs:
            env.close()

    def _note(self, row: int, observation: dict[str, npt.NDArray[Any]], info: dict[str, Any]) -> None:
        for name in INFOS:
            self._arrays[name][row] = info[name]
        for name, value in observation.items():
            self._arrays[f"observation/{name}"][row] = value
