"""The vector environment: worker processes, shared memory, one message a step and worker."""

import multiprocessing
import os
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from helms_control.errors import HelmsError
from helms_sim.env import Observation, StackEnv
from helms_sim.vector.worker import INFOS, Block, run_worker

Actions = npt.NDArray[np.float32]

_PATIENCE = 60.0


class WorkerError(HelmsError):
    """A worker process failed; the message holds what it said."""


class VectorStackEnv(VectorEnv[Observation, Actions, Any]):
    """N cells in W processes, each episode the same, byte for byte, as in a `StackEnv` with the same seed.

    An episode that ends begins anew in the same step (gymnasium's SAME_STEP): the observation is the new episode's
    first; `infos["final_obs"]` and `infos["final_info"]` hold the old one's last.
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP, "render_modes": []}  # noqa: RUF012 - gymnasium declares it so

    def __init__(self, num_envs: int, workers: int | None = None, **options: Any) -> None:  # noqa: ANN401
        """Start the workers.

        Args:
            num_envs: cells, N.
            workers: processes, W; by default one for each core, at most N.
            **options: of every `StackEnv`.

        Raises:
            HelmsError: a number below 1, or options that `StackEnv` refuses.
        """
        workers = min(workers if workers is not None else os.cpu_count() or 1, num_envs)
        if num_envs < 1 or workers < 1:
            raise HelmsError(f"a vector environment needs at least 1 cell and 1 worker; got {num_envs} and {workers}.")
        single = StackEnv(**options)
        self.num_envs, self.closed = num_envs, False
        self.single_observation_space, self.single_action_space = single.observation_space, single.action_space
        self.observation_space = batch_space(single.observation_space, num_envs)
        self.action_space = batch_space(single.action_space, num_envs)
        self._memories: list[SharedMemory] = []
        self._arrays: dict[str, npt.NDArray[Any]] = {}
        self._processes: list[Any] = []
        self._pipes: list[Any] = []
        self._rows = [range(num_envs)[k::workers] for k in range(workers)]
        self._start(self._share(single), options)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin N episodes.

        Args:
            seed: cell i gets seed + i, or seed[i]; None goes on with each cell's own stream.
            options: as for `StackEnv.reset`.

        Returns:
            Observations, each with N rows, and infos as gymnasium's vector environments batch them.

        Raises:
            HelmsError: as for `StackEnv.reset`, or a worker failed.
        """
        count = self.num_envs
        seeds = seed if isinstance(seed, list) else [None if seed is None else seed + i for i in range(count)]
        if len(seeds) != count:
            raise HelmsError(f"{count} cells need {count} seeds; got {len(seeds)}.")
        messages = [("reset", [seeds[row] for row in rows], options) for rows in self._rows]
        infos = self._infos(self._ask(messages))
        return self._observations(), infos

    def step(
        self, actions: npt.ArrayLike
    ) -> tuple[Observation, npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], dict[str, Any]]:
        """Run one control step in every cell.

        Args:
            actions: (N, 5) in [-1, 1].

        Returns:
            Observations, rewards (N,), terminated (N,), truncated (N,), infos.

        Raises:
            HelmsError: a wrong shape, a component that is not finite, or a worker failed.
        """
        self._refuse_closed()
        wanted, shape = np.asarray(actions, np.float64), self._arrays["action"].shape
        if wanted.shape != shape:
            raise HelmsError(f"actions must have shape {shape}; got {wanted.shape}.")
        if not np.isfinite(wanted).all():
            row, component = np.argwhere(~np.isfinite(wanted))[0]
            raise HelmsError(f"component {component} of action {row} is {wanted[row, component]}; it must be finite.")
        self._arrays["action"][:] = wanted
        infos = self._infos(self._ask([("step",)] * len(self._pipes)))
        arrays = self._arrays
        ended = arrays["terminated"].copy(), arrays["truncated"].copy()
        return self._observations(), arrays["reward"].copy(), *ended, infos

    def close_extras(self, **_: object) -> None:
        """End the workers and free the shared memory."""
        for pipe in self._pipes:
            try:
                pipe.send(("close",))
            except (BrokenPipeError, OSError):
                continue
        for process in self._processes:
            process.join(timeout=5.0)
            if process.is_alive():
                process.kill()
                process.join()
        for pipe in self._pipes:
            pipe.close()
        self._arrays.clear()
        for memory in self._memories:
            memory.close()
            memory.unlink()
        self._memories.clear()
        self._processes.clear()
        self._pipes.clear()

    def _share(self, single: StackEnv) -> dict[str, Block]:
        spaces = single.observation_space
        assert isinstance(spaces, gym.spaces.Dict)
        shapes: dict[str, tuple[tuple[int, ...], str]] = {
            "action": ((5,), "float64"),
            "reward": ((), "float64"),
            "terminated": ((), "bool"),
            "truncated": ((), "bool"),
            "success": ((), "bool"),
            "stage": ((), "int64"),
            "clipped": ((), "int64"),
        }
        shapes |= {f"observation/{name}": (space.shape or (), str(space.dtype)) for name, space in spaces.items()}
        blocks = {}
        for name, (shape, dtype) in shapes.items():
            full = (self.num_envs, *shape)
            memory = SharedMemory(create=True, size=int(np.prod(full)) * np.dtype(dtype).itemsize)
            self._memories.append(memory)
            self._arrays[name] = np.ndarray(full, dtype, buffer=memory.buf)
            blocks[name] = Block(memory.name, full, dtype)
        return blocks

    def _start(self, blocks: dict[str, Block], options: dict[str, Any]) -> None:
        # Not fork: MuJoCo and GL contexts do not survive it.
        context = multiprocessing.get_context("spawn")
        for rows, core in zip(self._rows, _cores(len(self._rows)), strict=True):
            ours, theirs = context.Pipe()
            process = context.Process(target=run_worker, args=(theirs, rows, options, blocks, core), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
            self._pipes.append(ours)
        self._gather()

    def _ask(self, messages: list[tuple[Any, ...]]) -> list[dict[int, dict[str, Any]]]:
        self._refuse_closed()
        for pipe, message in zip(self._pipes, messages, strict=True):
            try:
                pipe.send(message)
            except (BrokenPipeError, OSError):
                continue  # _gather names the worker that has died
        return self._gather()

    def _refuse_closed(self) -> None:
        if self.closed:
            raise HelmsError("this vector environment is closed; make a new one.")

    def _gather(self) -> list[dict[int, dict[str, Any]]]:
        answers: list[dict[int, dict[str, Any]]] = []
        for index, pipe in enumerate(self._pipes):
            try:
                _, answer = pipe.recv() if pipe.poll(_PATIENCE) else ("error", f"no answer in {_PATIENCE:g} s")
            except (EOFError, ConnectionResetError):
                answer = "the process died"
            if isinstance(answer, str):
                self.close()
                raise WorkerError(f"worker {index} of {len(self._rows)} failed; all are closed. It said: {answer}")
            answers.append(answer)
        return answers

    def _infos(self, answers: list[dict[int, dict[str, Any]]]) -> dict[str, Any]:
        infos: dict[str, Any] = {}
        for name in INFOS:
            infos[name], infos[f"_{name}"] = self._arrays[name].copy(), np.ones(self.num_envs, bool)
        for answer in answers:
            for row, info in answer.items():
                rare = {name: value for name, value in info.items() if name not in INFOS}
                infos = self._add_info(infos, rare, row)
        return infos

    def _observations(self) -> Observation:
        prefix = "observation/"
        return {name[len(prefix) :]: array.copy() for name, array in self._arrays.items() if name.startswith(prefix)}


def _cores(workers: int) -> list[int | None]:
    """Return a core for each worker, as long as there are enough of them and the system lets them be chosen."""
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return [*allowed[:workers]] if 1 < workers <= len(allowed) else [None] * workers
