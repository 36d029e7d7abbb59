"""Latency from observation to action and throughput in lockstep, of separate processes and composed."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from helms_control.benchmark.process import cpu_s
from helms_control.errors import HelmsError
from helms_control.graph import GraphSettings, NodeSpec, describe
from helms_control.graph.description import levels_of
from helms_control.graph.processes import ProcessGraph
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.episode_manager import EpisodeManagerNode
from helms_control.nodes.probe import ProbeNode
from helms_control.policy.manifest import NAME, read_manifest

STAGES = ("skill", "latent", "action")
DOMAIN = 90
START_S = 30.0
EPISODES = 5


def measure_all(policy: str, steps: int) -> Iterator[dict[str, Any]]:
    """Measure one thing after another.

    Args:
        policy: folder of a bundle.
        steps: observations of each latency measurement, at 20 Hz.

    Yields:
        Figures by name.

    Raises:
        HelmsError: a node refused or did not answer.
    """
    manifest = read_manifest(Path(policy) / NAME)
    levels, sizes = levels_of(policy), {"skills": manifest.skills, "latent": max(manifest.latent, 1)}
    features = {"robot": manifest.sizes["R"], "scene": manifest.sizes["S"]}
    relays = tuple(NodeSpec(f"relay_{stage}", "relay", {"stage": stage, **sizes, **features}) for stage in STAGES)
    yield {"separate": _separate(levels, steps, DOMAIN)}
    yield {"relay": _separate(relays, steps, DOMAIN + 1)}
    yield {"composed": _latency((*levels, _probe(steps)), DOMAIN + 2, alone=True)}
    yield {"lockstep_steps_per_s": {"separate": _lockstep_separate(policy), "composed": _lockstep_composed(policy)}}


def _on_this_machine() -> None:
    """Let this process find those that it starts, and no other machine's."""
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"


def _probe(steps: int) -> NodeSpec:
    return NodeSpec("probe", "probe", {"steps": steps})


def _separate(specs: Sequence[NodeSpec], steps: int, domain: int) -> dict[str, Any]:
    """Time a chain of processes; the probe is in this one."""
    _on_this_machine()
    with ProcessGraph(specs, domain) as graph:
        pids = {name: process.pid for name, process in graph.processes.items()}
        begun: dict[str, float] = {}

        def on_start() -> None:
            begun.update({name: cpu_s(pid) for name, pid in pids.items()})
            begun[""] = time.monotonic()

        figures = _latency([_probe(steps)], domain, on_start)
        passed = time.monotonic() - begun.pop("")
        used = {name: 100.0 * (cpu_s(pids[name]) - before) / passed for name, before in begun.items()}
    return {**figures, "cpu_percent": used}


def _latency(
    specs: Sequence[NodeSpec],
    domain: int,
    on_start: Any = lambda: None,  # noqa: ANN401
    alone: bool = False,
) -> dict[str, float]:
    with closing(ComposedGraph(specs, domain, alone)) as graph:
        probe = graph.nodes["probe"]
        assert isinstance(probe, ProbeNode)  # for the type checker
        if not graph.spin_until(lambda: bool(probe.latencies_s), START_S):
            raise HelmsError(f"no action came within {START_S:g} s; the probe waits for {probe.waiting_for() or 'it'}")
        on_start()
        graph.spin_until(lambda: probe.done)
        times = 1e3 * np.array(probe.latencies_s)
        p50, p99 = np.percentile(times, [50, 99])
        return {"p50_ms": float(p50), "p99_ms": float(p99), "unanswered": probe.sent - len(times)}


def _lockstep_composed(policy: str) -> float:
    settings = GraphSettings(policy, episodes=EPISODES, lockstep=True)
    with closing(ComposedGraph(describe(settings), DOMAIN + 3, alone=True)) as graph:
        return _pace(graph, EPISODES)


def _lockstep_separate(policy: str) -> float:
    """The manager runs here, to see when episodes end; every other node is a process of its own."""
    specs = describe(GraphSettings(policy, episodes=EPISODES, lockstep=True))
    others = [spec for spec in specs if spec.name != "episode_manager"]
    manager = [spec for spec in specs if spec.name == "episode_manager"]
    _on_this_machine()
    with ProcessGraph(others, DOMAIN + 4), closing(ComposedGraph(manager, DOMAIN + 4)) as graph:
        return _pace(graph, EPISODES)


def _pace(graph: ComposedGraph, episodes: int) -> float:
    """Control steps a second from the end of the first episode to that of the last, resets included."""
    manager = graph.nodes["episode_manager"]
    assert isinstance(manager, EpisodeManagerNode)  # for the type checker
    outcomes = manager.ledger.outcomes
    graph.spin_until(lambda: len(outcomes) == 1, 2 * START_S)
    begun = time.monotonic()
    if not graph.spin_until(lambda: len(outcomes) == episodes, 4 * START_S):
        raise HelmsError(f"only {len(outcomes)} of {episodes} episodes ended; the graph is stuck or very slow")
    return sum(outcome.steps for outcome in outcomes[1:]) / (time.monotonic() - begun)
