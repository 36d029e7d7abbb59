"""Fixtures of live graphs: a ROS domain for each test, a listener, and a check for leftover threads and processes."""

import gc
import os
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import rclpy
from rclpy.action import ActionClient
from rclpy.context import Context
from rclpy.node import Node

from helms_control.graph.leftovers import clean_shared_memory
from helms_control.nodes import qos
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.run import make_executor
from helms_msgs.msg import Action, Commanded, EpisodeEvent, Observation, PolicyStatus
from test.control.policy.make_bundle import make_bundle

_COUNTER = count()
DOMAINS = 80
WAIT_S = 10.0
ASK_AGAIN = 5


@pytest.fixture
def domain(monkeypatch: pytest.MonkeyPatch) -> int:
    """A ROS domain that no other test uses at the same time, on this machine only."""
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    return 20 + (os.getpid() + next(_COUNTER)) % DOMAINS


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle with random weights that never stands still."""
    return make_bundle(tmp_path / "bundle")


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a process or a file in shared memory."""
    before = shared_files()
    yield
    # A DDS participant lives as long as anything refers to it.
    gc.collect()
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    assert [Path(f"/proc/{child}/cmdline").read_text() for child in children if _is_node(child)] == []
    assert shared_files() - before == set()


def _is_node(child: str) -> bool:
    try:
        return "helms_control.nodes" in Path(f"/proc/{child}/cmdline").read_text()
    except FileNotFoundError:
        return False


def shared_files() -> set[str]:
    """Names of what DDS shares between processes."""
    return {path.name for path in Path("/dev/shm").glob("*fastdds*")}


class Listener:
    """Hears the topics of a graph, from a context of its own, with the time of receipt."""

    def __init__(self, domain_id: int) -> None:
        self.context = Context()
        rclpy.init(args=[], context=self.context, domain_id=domain_id)
        self.node = Node("listener", context=self.context)
        self.executor = make_executor(self.context)
        self.executor.add_node(self.node)
        self.heard: dict[str, list[tuple[float, Any]]] = {}
        for topic, kind in (("commanded", Commanded), ("observation", Observation), ("action", Action)):
            self.listen(topic, kind)
        self.listen("policy_status", PolicyStatus)
        self.listen("episode_events", EpisodeEvent, qos.LATCHED)

    def listen(self, topic: str, kind: type[Any], profile: Any = qos.PATH) -> None:  # noqa: ANN401
        heard = self.heard.setdefault(topic, [])
        self.node.create_subscription(kind, topic, lambda m: heard.append((time.monotonic(), m)), profile)

    def messages(self, topic: str) -> list[Any]:
        return [message for _, message in self.heard[topic]]

    def wait(self, condition: Callable[[], object], timeout_s: float = 20.0) -> bool:
        """Listen until something is so; return whether it came to be in time."""
        end = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > end:
                return False
            self.executor.spin_once(timeout_sec=0.02)
        return True

    def ask(self, kind: type[Any], name: str, **fields: object) -> Any:  # noqa: ANN401
        """Call a service of another process; again where the answer was lost, as it is while discovery still runs."""
        client: Any = self.node.create_client(kind, name)
        assert self.wait(client.service_is_ready), f"there is no service {name}"
        for _ in range(ASK_AGAIN):
            answer = client.call_async(kind.Request(**fields))
            if self.wait(answer.done, WAIT_S / ASK_AGAIN):
                return answer.result()
        raise AssertionError(f"service {name} gave no answer")

    def close(self) -> None:
        self.executor.remove_node(self.node)
        self.node.destroy_node()
        self.executor.shutdown()
        rclpy.shutdown(context=self.context)
        # It outlives the graph: what killed processes shared with it can only go now.
        del self.node, self.executor, self.context
        gc.collect()
        clean_shared_memory()


class Bench:
    """A composed graph with a node beside it that speaks and listens."""

    def __init__(self, graph: ComposedGraph) -> None:
        self.graph = graph
        self.node = Node("bench", context=graph.context)
        graph.add(self.node)
        self.heard: dict[str, list[Any]] = {}
        self.action_clients: list[Any] = []

    def listen(self, topic: str, kind: type[Any], profile: Any = qos.PATH) -> list[Any]:  # noqa: ANN401
        heard = self.heard.setdefault(topic, [])
        self.node.create_subscription(kind, topic, heard.append, profile)
        return heard

    def speaker(self, topic: str, kind: type[Any], profile: Any = qos.SAID) -> Any:  # noqa: ANN401
        publisher = self.node.create_publisher(kind, topic, profile)
        assert self.graph.spin_until(lambda: publisher.get_subscription_count() > 0, WAIT_S)
        return publisher

    def call(self, kind: type[Any], name: str, **fields: object) -> Any:  # noqa: ANN401
        client: Any = self.node.create_client(kind, name)
        assert self.graph.spin_until(client.service_is_ready, WAIT_S)
        answer = client.call_async(kind.Request(**fields))
        assert self.graph.spin_until(answer.done, WAIT_S)
        return answer.result()

    def action_client(self, kind: type[Any], name: str) -> Any:  # noqa: ANN401
        client: Any = ActionClient(self.node, kind, name)
        self.action_clients.append(client)
        self.until(client.server_is_ready)
        return client

    def until(self, condition: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
        assert self.graph.spin_until(condition, timeout_s), self.heard

    def close(self) -> None:
        for client in self.action_clients:
            client.destroy()
        self.graph.drop(self.node)
        del self.node


@pytest.fixture
def listener(domain: int) -> Iterator[Listener]:
    """A listener in the domain of the test."""
    made = Listener(domain)
    yield made
    made.close()
