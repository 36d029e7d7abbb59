"""Nodes of this package with Debian's master: registration, lookup, registration after a restart."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from helms_control.hardware.ros1.errors import RefusedError
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.problems import Problem
from helms_control.hardware.ros1.typestore import message_type, service_type
from helms_sim.emulation.debian_ros1 import Rosmaster
from test.control.hardware.ros1.conftest import COMMAND, QUICK, Nodes, wait_for

pytestmark = pytest.mark.needs_ros1
KIND, TRIGGER = message_type(COMMAND), service_type("std_srvs/Trigger")


def ends_with(messages: list[Any], value: float) -> bool:
    return [message.velocity[0] for message in messages][-1:] == [value]


def state(master: Rosmaster) -> dict[str, dict[str, list[str]]]:
    """Return what the master knows: publishers, subscribers and services by name."""
    names = ("publishers", "subscribers", "services")
    return {key: dict(found) for key, found in zip(names, master.ask("getSystemState"), strict=True)}


def connect(sender: Node, receiver: Node, got: list[Any]) -> Any:  # noqa: ANN401
    publisher = sender.publish("/x", COMMAND)
    subscriber = receiver.subscribe("/x", COMMAND, got.append)
    wait_for(lambda: publisher.connections and subscriber.connections)
    return publisher


@pytest.mark.parametrize("publisher_first", [True, False])
def test_publisher_and_subscriber_find_each_other(live: Nodes, publisher_first: bool) -> None:
    sender, receiver, got = live.make("/sender"), live.make("/receiver"), list[Any]()
    steps: list[Callable[[], object]] = [
        lambda: sender.publish("/x", COMMAND, latch=True).send(KIND.new(velocity=[4.0]))
    ]
    steps.insert(publisher_first, lambda: receiver.subscribe("/x", COMMAND, got.append))
    for step in steps:
        step()
    wait_for(lambda: got)
    assert got[0].velocity.tolist() == [4.0]


def test_the_master_knows_what_a_node_has_and_forgets_it_at_its_end(master: Rosmaster, live: Nodes) -> None:
    node = live.make("/node")
    node.publish("/out", COMMAND)
    node.subscribe("/in", "std_msgs/Bool", print)
    node.serve("/serve", "std_srvs/Trigger", print)
    assert state(master) == {
        "publishers": {"/out": ["/node"]},
        "subscribers": {"/in": ["/node"]},
        "services": {"/serve": ["/node"]},
    }
    assert sorted(master.ask("getTopicTypes")) == [["/in", "std_msgs/Bool"], ["/out", COMMAND]]
    assert master.ask("lookupNode", "/node") == node.uri
    node.close()
    assert state(master) == {"publishers": {}, "subscribers": {}, "services": {}}


def test_a_service_is_called(live: Nodes) -> None:
    server, client = live.make("/server"), live.make("/client")
    server.serve("/s", "std_srvs/Trigger", lambda _: TRIGGER.response.new(success=True, message="done"))
    assert client.call("/s", "std_srvs/Trigger", TRIGGER.request.new()).message == "done"
    with pytest.raises(RefusedError, match="refuses lookupService"):
        client.call("/other", "std_srvs/Trigger", TRIGGER.request.new())
    with pytest.raises(RefusedError, match=r"ours is std_srvs/Trigger .*, theirs is std_srvs/Empty"):
        client.call("/s", "std_srvs/Empty", service_type("std_srvs/Empty").request.new())


def test_parameters_are_kept_by_the_master(live: Nodes) -> None:
    parameters = live.make("/robot/node").parameters
    value = {"joints": ["a", "b"], "limit": 1.5, "on": True, "count": 7, "text": "x" * 100_000}
    parameters.set("/robot/config", value)
    assert parameters.get("/robot/config") == value
    assert parameters.get("/robot/config/limit") == 1.5
    assert (parameters.has("/robot/config/on"), parameters.has("/robot/config/off")) == (True, False)
    assert parameters.search("config") == "/robot/config"
    assert parameters.search("nothing") is None
    assert set(parameters.names()) >= {"/robot/config/joints", "/robot/config/limit"}
    parameters.delete("/robot/config")
    with pytest.raises(RefusedError, match="refuses getParam"):
        parameters.get("/robot/config")
    with pytest.raises(RefusedError, match="refuses deleteParam"):
        parameters.delete("/robot/config")


def test_connections_outlive_the_master_and_everything_is_registered_again(master: Rosmaster, live: Nodes) -> None:
    sender, receiver, got = live.make("/sender"), live.make("/receiver"), list[Any]()
    publisher = connect(sender, receiver, got)
    sender.serve("/s", "std_srvs/Trigger", lambda _: TRIGGER.response.new())
    before = state(master)
    master.stop()
    wait_for(lambda: sender.problems.counts[Problem.MASTER] and receiver.problems.counts[Problem.MASTER])
    publisher.send(KIND.new(velocity=[1.0]))
    wait_for(lambda: len(got) == 1)
    master.start()
    wait_for(lambda: state(master) == before)
    publisher.send(KIND.new(velocity=[2.0]))
    wait_for(lambda: len(got) == 2)
    assert publisher.connections == 1
    assert receiver.call("/s", "std_srvs/Trigger", TRIGGER.request.new()).success is False


def test_a_master_that_restarts_between_two_looks_is_noticed(master: Rosmaster, live: Nodes) -> None:
    told: list[str] = []
    sender = live.make("/sender", on_problem=lambda _, text: told.append(text))
    sender.publish("/x", COMMAND)
    with sender._registrar._lock:
        master.stop()
        master.start()
    wait_for(lambda: "/x" in state(master)["publishers"])
    assert told == [f"{master.uri} was started anew; registering everything again"]


def test_what_was_wanted_without_a_master_is_there_when_it_comes(master: Rosmaster, live: Nodes) -> None:
    master.stop()
    sender, receiver, got = live.make("/sender"), live.make("/receiver"), list[Any]()
    publisher = sender.publish("/x", COMMAND, latch=True)
    publisher.send(KIND.new(velocity=[1.0]))
    receiver.subscribe("/x", COMMAND, got.append)
    assert "no ROS master at" in sender.problems.last[Problem.MASTER]
    master.start()
    wait_for(lambda: got)


def test_a_publisher_that_died_and_comes_back_is_found(live: Nodes) -> None:
    receiver, got = live.make("/receiver"), list[Any]()
    receiver.subscribe("/x", COMMAND, got.append)
    for value in (1.0, 2.0):
        sender = live.make("/sender")
        sender.publish("/x", COMMAND, latch=True).send(KIND.new(velocity=[value]))
        wait_for(partial(ends_with, got, value))
        sender.close()
    assert [each.velocity[0] for each in got] == [1.0, 2.0]


def test_word_of_a_publisher_that_was_lost_is_asked_for(master: Rosmaster, live: Nodes) -> None:
    sender, receiver, got = live.make("/sender"), live.make("/receiver"), list[Any]()
    subscriber = receiver.subscribe("/x", COMMAND, got.append)
    sender.publish("/x", COMMAND, latch=True).send(KIND.new())
    wait_for(lambda: len(got) == 1)
    # As if the master's word had not come through: the list is empty, and the connection ends.
    subscriber.replace([])
    for feed, _ in list(subscriber._feeds.values()):
        feed.cut()
    wait_for(lambda: len(got) == 2)


def test_a_new_node_of_the_same_name_ends_the_old_one(master: Rosmaster, live: Nodes) -> None:
    old = live.make("/driver")
    publisher = old.publish("/x", COMMAND)
    new = live.make("/driver")
    new.publish("/x", COMMAND)
    wait_for(lambda: old.closed)
    old.close()
    assert "/driver was told to shut down" in old.problems.last[Problem.MASTER]
    assert not new.closed
    assert state(master)["publishers"] == {"/x": ["/driver"]}
    assert master.ask("lookupNode", "/driver") == new.uri
    publisher.send(KIND.new())
    assert publisher.connections == 0


def test_a_node_whose_name_was_taken_without_a_word_ends(master: Rosmaster, live: Nodes) -> None:
    old = live.make("/driver")
    old.publish("/x", COMMAND)
    # The master forgets everything, and another node takes the name before this one registers again.
    with old._registrar._lock:
        master.stop()
        master.start()
        new = live.make("/driver")
        new.publish("/x", COMMAND)
    wait_for(lambda: old.closed)
    old.close()
    assert "another node has its name now" in old.problems.last[Problem.MASTER]
    assert master.ask("lookupNode", "/driver") == new.uri


def test_the_address_on_the_way_to_the_master_is_taken(master: Rosmaster) -> None:
    with Node("/node", master.uri, limits=QUICK) as node:
        assert node.host == "127.0.0.1"
        node.publish("/x", COMMAND)
        assert master.ask("lookupNode", "/node") == node.uri
