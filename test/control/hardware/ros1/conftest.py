"""Fixtures: nodes of this package and of rospy, masters, and a check for leftover threads."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from helms_control.hardware.ros1 import rpc
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.node import Node
from helms_sim.emulation.debian_ros1 import Rosmaster
from test.support.rospy_node import RospyPeer

PATIENCE_S = 30.0
COMMAND = "intera_core_msgs/JointCommand"
QUICK = Limits(connect_s=1.0, handshake_s=1.0, stall_s=1.0, poll_s=0.1, retry_s=0.2, refused_s=0.3)


def wait_for(condition: Callable[[], object], what: str = "it") -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.005)


def receive(sock: socket.socket, count: int) -> bytes:
    """Return so many bytes, or fewer if the connection ends."""
    data = b""
    while len(data) < count and (piece := sock.recv(count - len(data))):
        data += piece
    return data


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread."""
    yield
    wait_for(lambda: not any(each.name.startswith("ros1") for each in threading.enumerate()), "the end of all threads")


class Nodes:
    """Makes nodes of this package, and tells them of each other where there is no master."""

    def __init__(self, stack: ExitStack, master_uri: str) -> None:
        self.uri, self._stack = master_uri, stack

    def make(self, name: str, limits: Limits = QUICK, **arguments: Any) -> Node:  # noqa: ANN401
        return self._stack.enter_context(Node(name, self.uri, "127.0.0.1", limits, **arguments))

    @staticmethod
    def tell(node: Node, topic: str, publishers: list[str]) -> None:
        """Say to a node who publishes a topic, as the master would."""
        rpc.call(node.uri, "publisherUpdate", "/master", topic, publishers, seconds=5.0, limit=65536)


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    """Nodes whose master is not there."""
    with ExitStack() as stack, socket.socket() as taken:
        # Nobody listens here, and nobody else can.
        taken.bind(("127.0.0.1", 0))
        yield Nodes(stack, f"http://127.0.0.1:{taken.getsockname()[1]}")


@pytest.fixture
def master(tmp_path: Path) -> Iterator[Rosmaster]:
    """Debian's own master."""
    with Rosmaster(tmp_path) as made:
        yield made


@pytest.fixture
def live(master: Rosmaster) -> Iterator[Nodes]:
    """Nodes at Debian's own master."""
    with ExitStack() as stack:
        yield Nodes(stack, master.uri)


@pytest.fixture
def rospy(master: Rosmaster, tmp_path: Path) -> Iterator[RospyPeer]:
    """A node in rospy."""
    with RospyPeer("/rospy_peer", master.uri, tmp_path) as made:
        yield made


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A listening socket at a free port of the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.settimeout(PATIENCE_S)
        yield sock
