"""How fast the cell steps, resets and draws. Each figure is the median of several runs in one process."""

import time
from collections.abc import Iterator
from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt

from helms_sim.env import StackEnv
from helms_sim.render import CellRenderer, NoGlError
from helms_sim.scene.model import SUBSTEPS
from helms_sim.vector import VectorStackEnv

Array = npt.NDArray[np.float64]

REPEATS = 7
STEPS = 400
"""Control steps in a run: one episode."""
CELLS = 16
"""Cells in the vector environment."""


def random_actions(seed: int, *shape: int) -> Array:
    """Uniform actions in [-1, 1]."""
    return np.random.default_rng(seed).uniform(-1.0, 1.0, shape)


def measure_steps() -> dict[str, float]:
    """Measure `steps_per_s` of `StackEnv.step` and its `overhead_ratio` over bare physics.

    The bare loop takes the same model through the same states with the same ctrl and substeps, by mj_step alone and
    without sensors. Both run for a whole episode in turn, so that a machine that changes its speed changes both.
    """
    env = StackEnv()
    whole, ratios = [], []
    for repeat in range(REPEATS):
        actions = random_actions(repeat, STEPS, 5)
        states = _record(env, repeat, actions)
        env.reset(seed=repeat)
        started = time.perf_counter()
        for action in actions:
            env.step(action)
        whole.append(time.perf_counter() - started)
        ratios.append(whole[-1] / _run_bare(env.cell.model, states))
    return {"steps_per_s": STEPS / float(np.median(whole)), "overhead_ratio": float(np.median(ratios))}


def _record(env: StackEnv, seed: int, actions: Array) -> list[tuple[Array, ...]]:
    """Return what the physics starts every control step of an episode from: state, warm start, ctrl and weights."""
    env.reset(seed=seed)
    states = []
    for action in actions:
        data = env.cell.data
        before = [data.qpos, data.qvel, data.act, data.qacc_warmstart, data.xfrc_applied]
        copies = [array.copy() for array in before]
        env.step(action)
        states.append((*copies, env.cell.data.ctrl.copy()))
    return states


def _run_bare(model: mujoco.MjModel, states: list[tuple[Array, ...]]) -> float:
    """Return how long mj_step takes for all control steps of an episode, s."""
    data, took, flags = mujoco.MjData(model), 0.0, model.opt.disableflags
    model.opt.disableflags = flags | int(mujoco.mjtDisableBit.mjDSBL_SENSOR)
    for state in states:
        arrays = (data.qpos, data.qvel, data.act, data.qacc_warmstart, data.xfrc_applied, data.ctrl)
        for array, value in zip(arrays, state, strict=True):
            array[:] = value
        started = time.perf_counter()
        mujoco.mj_step(model, data, nstep=SUBSTEPS)
        took += time.perf_counter() - started
    model.opt.disableflags = flags
    return took


def measure_resets() -> dict[str, float]:
    """Measure `reset_ms_p50`: a new episode of object set 4, start state, settling and compilation included."""
    env, times = StackEnv(), []
    for seed in range(30):
        started = time.perf_counter()
        env.reset(seed=seed)
        times.append(time.perf_counter() - started)
    return {"reset_ms_p50": 1e3 * float(np.median(times))}


def measure_workers() -> dict[str, float]:
    """Measure `two_worker_speedup`: control steps per second of 16 cells in two processes over those in one.

    The two take turns; only one has its processes at a time.
    """
    ratios = []
    for repeat in range(REPEATS):
        rates = []
        for workers in (1, 2):
            env = VectorStackEnv(CELLS, workers)
            try:
                env.reset(seed=0)
                _rate(env, repeat, steps=10)
                rates.append(_rate(env, repeat, steps=100))
            finally:
                env.close()
        ratios.append(rates[1] / rates[0])
    return {"two_worker_speedup": float(np.median(ratios))}


def _rate(env: VectorStackEnv, repeat: int, steps: int) -> float:
    actions = random_actions(repeat, steps, CELLS, 5)
    started = time.perf_counter()
    for action in actions:
        env.step(action)
    return steps * CELLS / (time.perf_counter() - started)


def measure_camera() -> dict[str, Any]:
    """Measure `camera64_ms_p50`: one 64x64 picture of the current state; None with `camera64_reason` without GL."""
    env = StackEnv()
    env.reset(seed=0)
    try:
        renderer = CellRenderer(env.episode.triplet, 64, 64)
    except NoGlError as error:
        return {"camera64_ms_p50": None, "camera64_reason": str(error)}
    times = []
    for action in random_actions(0, 60, 5):
        env.step(action)
        started = time.perf_counter()
        renderer.render(env.cell.data, "front_left")
        times.append(time.perf_counter() - started)
    renderer.close()
    return {"camera64_ms_p50": 1e3 * float(np.median(times))}


def measure_all() -> Iterator[dict[str, Any]]:
    """Run every measurement, one after the other."""
    for measure in (measure_steps, measure_resets, measure_workers, measure_camera):
        yield measure()
