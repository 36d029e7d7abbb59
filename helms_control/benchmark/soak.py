"""A long run in real time, recorded: nothing may be missed, drift or grow."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from helms_control.bags import check_bag, open_bag, read_episodes
from helms_control.benchmark.process import cpu_s, resident_mib
from helms_control.errors import HelmsError
from helms_control.graph import GraphSettings, describe
from helms_control.graph.processes import ProcessGraph
from helms_control.spec import CONTROL_HZ, EPISODE_STEPS

WARM_S = 60.0
"""Before memory is first looked at: until then queues and histories fill up, s."""
DOMAIN = 96


def soak(policy: str, minutes: float, folder: Path, tick: Callable[[float], None]) -> dict[str, Any]:
    """Run a graph of separate processes in real time, and look at what it recorded.

    Args:
        policy: driver, or folder of a bundle.
        minutes: how long; whole episodes are run.
        folder: for the bag.
        tick: called every second with the time passed, s.

    Returns:
        Figures by name.

    Raises:
        HelmsError: a node died, or the bag exists.
    """
    bag = folder / "soak"
    episodes = max(round(60.0 * minutes * CONTROL_HZ / EPISODE_STEPS), 1)
    settings = GraphSettings(policy, episodes=episodes, record=str(bag))
    with ProcessGraph(describe(settings), DOMAIN) as graph:
        processes = {name: process for name, process in graph.processes.items()}
        manager, begun, warm = processes["episode_manager"], time.monotonic(), dict[str, float]()
        memory, used = dict[str, float](), dict[str, float]()
        while manager.poll() is None:
            dead = [name for name, process in processes.items() if process.poll() and name != "episode_manager"]
            if dead:
                raise HelmsError(f"{dead[0]} died: {graph.log(dead[0])[-500:]}")
            alive = {name: process.pid for name, process in processes.items() if process.poll() is None}
            passed = time.monotonic() - begun
            if not warm and passed > min(WARM_S, 30.0 * minutes):
                warm = {name: resident_mib(pid) for name, pid in alive.items()}
            if len(alive) == len(processes):
                memory = {name: resident_mib(pid) for name, pid in alive.items()}
                used = {name: 100.0 * cpu_s(pid) / passed for name, pid in alive.items()}
            tick(passed)
            time.sleep(1.0)
        if manager.returncode:
            raise HelmsError(
                f"the episode manager ended with {manager.returncode}: {graph.log('episode_manager')[-500:]}"
            )
    growth = {name: memory[name] - before for name, before in warm.items()}
    return {**_recorded(bag), "memory_growth_mib": growth, "cpu_percent": used, "bag": str(bag)}


def _recorded(bag: Path) -> dict[str, Any]:
    with open_bag(bag) as opened:
        episodes = read_episodes(opened)
        stamps: dict[int, list[int]] = {}
        missed: dict[int, int] = {}
        for message in opened.messages("/commanded"):
            content = message.decoded()
            stamps.setdefault(int(content.episode), []).append(message.stamp_ns)
            missed[int(content.episode)] = int(content.missed)
    # A period is compared with 50 ms; by receipt, so what the transport adds is in it.
    errors = np.concatenate([np.abs(np.diff(np.array(ns)) * 1e-6 - 1e3 / CONTROL_HZ) for ns in stamps.values()])
    return {
        "episodes": len(episodes),
        "steps": sum(record.steps for record in episodes),
        "missed": sum(missed.values()),
        "period_jitter_p99_ms": float(np.percentile(errors, 99)),
        "period_jitter_max_ms": float(errors.max()),
        "drops": sum(len(record.drops) for record in episodes),
        "bag_problems": check_bag(bag),
    }
