"""Composed graph: all nodes in one process, without `ros2 launch`."""

import os
import time
from collections.abc import Callable, Sequence
from types import TracebackType

import rclpy
from rclpy.context import Context
from rclpy.node import Node
from rclpy.parameter import Parameter

from helms_control.errors import HelmsError
from helms_control.graph import NodeSpec
from helms_control.nodes.local import LocalTopics
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.run import SPIN_S, make_executor, node_class, start


class ComposedGraph:
    """The nodes of a graph, active, in this process and on one executor.

    Attributes:
        nodes: by name.
        context: ROS context of the nodes.
    """

    def __init__(self, specs: Sequence[NodeSpec], domain_id: int | None = None, alone: bool = False) -> None:
        """Create, configure and activate the nodes.

        Args:
            specs: nodes, from `helms_control.graph.describe`.
            domain_id: ROS domain; None for that of ROS_DOMAIN_ID.
            alone: switch off discovery of other processes; nodes then hand messages over directly.

        Raises:
            HelmsError: a node failed to start; the message names node and reason. Nothing is left running.
        """
        if alone:
            os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "OFF"
        self.context = Context()
        rclpy.init(args=[], context=self.context, domain_id=domain_id)
        self.nodes: dict[str, ManagedNode] = {}
        self._executor = make_executor(self.context)
        self._local = LocalTopics(self._executor.create_task) if alone else None
        try:
            for spec in specs:
                self._add(spec)
        except HelmsError:
            self.close()
            raise

    def spin_until(self, done: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Spin until `done` returns True.

        Args:
            done: checked after every spin.
            timeout_s: timeout, s; None for none.

        Returns:
            Whether `done` returned True in time.
        """
        end = None if timeout_s is None else time.monotonic() + timeout_s
        while not done():
            if end is not None and time.monotonic() > end:
                return False
            self._spin(SPIN_S)
        return True

    def spin_some(self) -> None:
        """Execute pending work, without waiting."""
        self._spin(0.0)

    def add(self, node: Node) -> None:
        """Add another node of the same context to the executor."""
        self._executor.add_node(node)

    def drop(self, node: Node) -> None:
        """Remove such a node from the executor and destroy it."""
        self._executor.remove_node(node)
        node.destroy_node()

    def close(self) -> None:
        """Shut all nodes down, in reverse order; a recorder closes its bag."""
        for node in reversed(self.nodes.values()):
            node.trigger_shutdown()
            self._executor.remove_node(node)
            node.destroy_node()
        self.nodes = {}
        self._executor.shutdown()
        # The DDS participant lives until the last reference to one of its entities is gone.
        del self._executor
        if self.context.ok():
            rclpy.shutdown(context=self.context)

    def __enter__(self) -> "ComposedGraph":
        """Return the running graph."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _spin(self, timeout_s: float) -> None:
        self._executor.spin_once(timeout_sec=timeout_s)
        if self._local is not None:
            self._local.check()

    def _add(self, spec: NodeSpec) -> None:
        overrides = [Parameter(name, value=value) for name, value in spec.parameters.items()]
        node = node_class(spec.executable)(spec.name, self.context, overrides, self._local)
        self.nodes[spec.name] = node
        self._executor.add_node(node)
        try:
            start(node)
        except HelmsError as error:
            raise HelmsError(f"{spec.name}: {error}") from error
