"""Entry point of a node as a process of its own."""

import gc
import signal
import sys
from collections.abc import Sequence
from importlib import metadata
from types import FrameType

import rclpy
from rclpy.context import Context
from rclpy.executors import Executor, SingleThreadedExecutor
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.signals import SignalHandlerOptions

from helms_control.errors import HelmsError, unknown
from helms_control.nodes.managed import ManagedNode

GROUP = "helms.nodes"
SPIN_S = 0.2
"""Timeout of a spin, s; without one the events executor hangs."""


def node_class(name: str) -> type[ManagedNode]:
    """Return the class of the node of that name; only its own modules are imported.

    Raises:
        UnknownNameError: no installed package has a node of that name.
        HelmsError: a module that the node needs is missing.
    """
    found = {entry_point.name: entry_point for entry_point in metadata.entry_points(group=GROUP)}
    if name not in found:
        raise unknown("node", name, sorted(found))
    try:
        loaded: type[ManagedNode] = found[name].load()
    except ImportError as error:
        raise HelmsError(f"node {name} cannot start: {error}; install the part of helms that it belongs to") from error
    return loaded


def make_executor(context: Context | None = None) -> Executor:
    """Return the events executor where rclpy has one (half the latency), otherwise the single-threaded one."""
    try:
        from rclpy.experimental import EventsExecutor
    except ImportError:
        return SingleThreadedExecutor(context=context)
    executor: Executor = EventsExecutor(context=context)
    return executor


def start(node: ManagedNode) -> None:
    """Configure and activate a node.

    Raises:
        HelmsError: it failed; the message says why.
    """
    if node.trigger_configure() != TransitionCallbackReturn.SUCCESS:
        raise HelmsError(node.failure or f"{node.get_name()} failed to configure")
    if node.trigger_activate() != TransitionCallbackReturn.SUCCESS:
        raise HelmsError(node.failure or f"{node.get_name()} failed to activate")


def run(name: str, arguments: Sequence[str] = ()) -> int:
    """Run a node until it is interrupted or sets its exit code; return that."""
    # Not rclpy's handlers: they end the context at once, and the recorder could not close its bag.
    rclpy.init(args=[name, *arguments], signal_handler_options=SignalHandlerOptions.NO)
    stop = False

    def interrupt(signum: int, frame: FrameType | None) -> None:
        nonlocal stop
        stop = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        node = node_class(name)(name)
    except HelmsError as error:
        print(f"error: {error}", file=sys.stderr)
        rclpy.shutdown()
        return 1
    if node.get_parameter("autostart").value:
        try:
            start(node)
        except HelmsError as error:
            # It keeps its services, so that a lifecycle manager can inspect it and try again.
            node.get_logger().error(f"stays inactive: {error}")
    executor = make_executor()
    executor.add_node(node)
    # Exempt imported modules from garbage collection: a full collection would delay a control step by 80 ms.
    gc.collect()
    gc.freeze()
    while not stop and node.exit_code is None:
        executor.spin_once(timeout_sec=SPIN_S)
    gc.unfreeze()
    node.trigger_shutdown()
    executor.remove_node(node)
    node.destroy_node()
    rclpy.shutdown()
    # Under launch, Ctrl-C arrives twice; the second must not kill the interpreter during its exit.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    return node.exit_code or 0


def main() -> None:
    """Run `python -m helms_control.nodes NAME [ROS arguments]`."""
    if len(sys.argv) < 2:
        names = sorted(entry_point.name for entry_point in metadata.entry_points(group=GROUP))
        sys.exit(f"usage: python -m helms_control.nodes NAME [--ros-args ...]; NAME is one of: {', '.join(names)}")
    sys.exit(run(sys.argv[1], sys.argv[2:]))
