"""Latency of a whole policy, beside its graphs alone."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.benchmark import CUBE
from helms_control.policy import Bundle, Policy
from helms_control.policy.contract import FEATURES
from helms_control.spec import FRAMES, OBJECTS, PROPRIOCEPTION

Vector = npt.NDArray[np.float32]

ROUND = 500
"""Control steps between two yields."""
WARM_UP = 200


def measure(bundle: Bundle, steps: int) -> Iterator[tuple[int, dict[str, float]]]:
    """Time control steps through `Policy` and through bare sessions, in turn, step by step.

    The bare sessions are the bundle's own, fed with the same arrays: what ONNX Runtime itself takes, without the
    checks of shapes and of numbers that are not finite.

    Args:
        bundle: with all graphs loaded.
        steps: control steps of each.

    Yields:
        Every `ROUND` steps how many are done, and the figures so far: p50_us, p99_us, bare_sessions_p50_us.
    """
    policy, bare = Policy(bundle), _bare(bundle)
    policy.begin([CUBE] * 3, (0, 1, 2))
    rng = np.random.default_rng(0)
    whole, alone = np.empty(steps), np.empty(steps)
    for step in range(-WARM_UP, steps):
        own = rng.normal(size=(FRAMES, PROPRIOCEPTION.size)).astype(np.float32)
        seen = rng.normal(size=(FRAMES, OBJECTS.size)).astype(np.float32)
        # Who comes second finds the caches warm: they take turns in that, too.
        first, second = (whole, alone) if step % 2 else (alone, whole)
        for times in (first, second):
            call = policy if times is whole else bare
            started = time.perf_counter()
            call(own, seen)
            times[max(step, 0)] = time.perf_counter() - started
        done = step + 1
        if done > 0 and (done % ROUND == 0 or done == steps):
            p50, p99 = 1e6 * np.percentile(whole[:done], [50, 99])
            bare_p50 = 1e6 * np.median(alone[:done])
            yield done, {"p50_us": float(p50), "p99_us": float(p99), "bare_sessions_p50_us": float(bare_p50)}


def _bare(bundle: Bundle) -> Callable[[Vector, Vector], None]:
    graphs: list[tuple[Any, Sequence[str], Sequence[str]]] = []
    for name in (FEATURES, *bundle.manifest.levels):
        session, graph = bundle.sessions[name], bundle.manifest.graphs[name]
        graphs.append((session.run, tuple(graph.inputs), tuple(graph.outputs)))
    known: dict[str, npt.NDArray[Any]] = {"skill": np.zeros(1, np.int64)}
    if "shapes" in bundle.manifest.graphs[FEATURES].inputs:
        known["shapes"] = np.zeros(bundle.manifest.graphs[FEATURES].inputs["shapes"], np.float32)

    def call(own: Vector, seen: Vector) -> None:
        known["proprioception"], known["objects"] = own[None], seen[None]
        for run, inputs, outputs in graphs:
            known.update(zip(outputs, run(None, {name: known[name] for name in inputs}), strict=True))

    return call
