"""A graph with one process per node, without `ros2 launch`: for benchmarks and tests."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import yaml

from helms_control.graph.description import NodeSpec
from helms_control.graph.leftovers import clean_shared_memory

STOP_S = 5.0
"""Time from SIGINT to SIGKILL when the graph closes, s."""


class ProcessGraph:
    """Starts the nodes of a graph as processes, and ends all of them on close.

    Attributes:
        processes: by node name.
    """

    def __init__(self, specs: Sequence[NodeSpec], domain_id: int, environment: Mapping[str, str] | None = None) -> None:
        """Start all nodes; each configures and activates itself.

        Args:
            specs: nodes, from `helms_control.graph.describe`.
            domain_id: ROS domain.
            environment: additional environment variables.
        """
        self._specs = {spec.name: spec for spec in specs}
        self._folder = tempfile.TemporaryDirectory(prefix="helms_graph_")
        local = {"ROS_DOMAIN_ID": str(domain_id), "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
        self._environment = {**os.environ, **local, **(environment or {})}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        for name in self._specs:
            self.start(name)

    def start(self, name: str) -> None:
        """Start or restart the process of a node."""
        spec = self._specs[name]
        parameters = Path(self._folder.name) / f"{name}.yaml"
        parameters.write_text(yaml.safe_dump({name: {"ros__parameters": {**spec.parameters, "autostart": True}}}))
        arguments = ["--ros-args", "-r", f"__node:={name}", "--params-file", str(parameters)]
        log = (Path(self._folder.name) / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", "helms_control.nodes", spec.executable, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()

    def respawn(self) -> bool:
        """Restart nodes that failed or were killed; return whether there were any."""
        dead = [name for name, process in self.processes.items() if process.poll()]
        for name in dead:
            self.start(name)
        return bool(dead)

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to a node; after SIGKILL, wait for its end."""
        self.processes[name].send_signal(number)
        if number == signal.SIGKILL:
            self.processes[name].wait(STOP_S)

    def log(self, name: str) -> str:
        """Return the output of a node so far."""
        return (Path(self._folder.name) / f"{name}.log").read_text()

    def close(self) -> None:
        """End all processes: SIGINT, then SIGKILL after 5 s."""
        running = [process for process in self.processes.values() if process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGINT)
        end = time.monotonic() + STOP_S
        for process in running:
            try:
                process.wait(max(end - time.monotonic(), 0.01))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._folder.cleanup()
        clean_shared_memory()

    def __enter__(self) -> "ProcessGraph":
        """Return the running graph."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self.close()
