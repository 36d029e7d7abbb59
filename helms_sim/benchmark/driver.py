"""How soon an action is on its way to the robot, and how even the stream of joint commands is."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from helms_control.errors import HelmsError
from helms_control.spec import EPISODE_STEPS
from helms_sim.benchmark.stack import DriverStack
from helms_sim.benchmark.wire import Sent

STREAM_HZ = 100.0
SPEED = 0.5
"""Of the tool along z, up and down in turn, a share of the action's range: every action can be told from the others."""
WARM_UP_S = 2.0
SKIPPED = 3
"""First steps of an episode that do not count: the arm begins to move."""

Key = tuple[int, int]


def swing(step: int) -> tuple[float, ...]:
    """Return the action of a step: up and down in turn, and nothing else."""
    return 0.0, 0.0, SPEED if step % 2 else -SPEED, 0.0, 0.0


def measure(stack: DriverStack, seconds: float, tell: Callable[[float], object] = lambda _: None) -> dict[str, float]:
    """Let the arm move for some time, in one episode after another.

    Args:
        stack: everything runs.
        seconds: how long, s.
        tell: told every second how long it has been measured, s. It must be quick: this process is part of what is
            measured.

    Returns:
        The time that was measured, s, and what `figures` says.

    Raises:
        HelmsError: the arm stopped.
    """
    stack.move(swing)
    peer, wire = stack.peer, stack.wire
    with _no_garbage():
        time.sleep(WARM_UP_S)
        begun, first, first_action = time.monotonic(), len(wire.sent), len(peer.sent)
        while (passed := time.monotonic() - begun) < seconds:
            due = time.monotonic() + 1.0
            while time.monotonic() < due:
                if peer.observed[-1].last:
                    reset = peer.call("reset")
                    if not reset.success:
                        raise HelmsError(f"the arm stopped after {passed:.0f} s: {peer.ended}; {reset.message}")
                time.sleep(0.02)
            tell(time.monotonic() - begun)
    held = {(told.episode, told.step): str(told.held) for told in list(peer.commanded)}
    passed = time.monotonic() - begun
    return {"seconds": passed, **figures(wire.sent[first:], peer.sent[first_action:], held)}


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Collect none meanwhile: listener and peer would stand still for 0.1 s, and that would count as the driver's."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def figures(sent: Sequence[Sent], actions: Sequence[tuple[float, int, int]], held: dict[Key, str]) -> dict[str, float]:
    """Work out the figures.

    An action is carried by the first joint command behind it that differs from the one before: between two actions of
    a steady motion the command does not change.

    Args:
        sent: joint commands.
        actions: time (s), episode and step of each action.
        held: why the arm was held, by episode and step; empty where it was not.

    Returns:
        p50_ms and p99_ms from action to joint command, stream_hz, period_jitter_p99_ms; actions that were timed, that
        were held, and whose joint command could not be told.
    """
    times = np.array([each.time for each in sent])
    periods = np.diff(times)
    latencies, held_count, unclear = [], 0, 0
    for at, episode, step in actions:
        if step < SKIPPED or step >= EPISODE_STEPS - 1 or (episode, step) not in held:
            continue
        index = int(np.searchsorted(times, at))
        if held[episode, step]:
            held_count += 1
        elif index < 2 or sent[index - 1].velocity != sent[index - 2].velocity:
            unclear += 1
        else:
            carried = (each.time for each in sent[index:] if each.velocity != sent[index - 1].velocity)
            latencies.append(next(carried, np.nan) - at)
    p50, p99 = np.nanpercentile(1e3 * np.array(latencies or [np.nan]), [50, 99]) if latencies else (np.nan, np.nan)
    errors = 1e3 * np.abs(periods - 1.0 / STREAM_HZ)
    return {
        "p50_ms": float(p50),
        "p99_ms": float(p99),
        "stream_hz": len(periods) / float(times[-1] - times[0]),
        "period_jitter_p99_ms": float(np.percentile(errors, 99)),
        "period_max_ms": 1e3 * float(periods.max()),
        "actions": len(latencies),
        "held": held_count,
        "unclear": unclear,
    }
