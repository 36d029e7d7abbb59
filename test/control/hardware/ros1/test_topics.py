"""Publishers and subscribers of this package without a master: the test sends its updates."""

import socket
import threading
import time
from functools import partial
from typing import Any

import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.outbox import NOT_SENT_LOWAT
from helms_control.hardware.ros1.problems import Problem
from helms_control.hardware.ros1.tcpros import decode_header, encode_header, frame
from helms_control.hardware.ros1.typestore import message_type
from test.control.hardware.ros1.conftest import COMMAND, PATIENCE_S, QUICK, Nodes, receive, wait_for

KIND = message_type(COMMAND)


def values(messages: list[Any]) -> list[float]:
    return [message.velocity[0] for message in messages]


def ends_with(messages: list[Any], value: float) -> bool:
    return values(messages)[-1:] == [value]


def read_header(sock: socket.socket) -> dict[str, str]:
    """Read a header as the protocol's description says, without the code under test but for the fields."""
    length = int.from_bytes(receive(sock, 4), "little")
    return decode_header(receive(sock, length))


def join_topic(node: Node, **changes: str) -> tuple[socket.socket, dict[str, str]]:
    """Connect to /x as a subscriber that is written down here; return the connection and the node's header."""
    sock = socket.create_connection(("127.0.0.1", node.tcp_port), PATIENCE_S)
    fields = {"topic": "/x", "callerid": "/by_hand", "type": COMMAND, "md5sum": KIND.md5sum} | changes
    sock.sendall(encode_header({key: value for key, value in fields.items() if value}))
    return sock, read_header(sock)


def test_messages_arrive_in_order(nodes: Nodes) -> None:
    sender, receiver, got = nodes.make("/sender"), nodes.make("/receiver"), list[Any]()
    publisher = sender.publish("/x", COMMAND, queue=200)
    subscriber = receiver.subscribe("/x", COMMAND, got.append, queue=200)
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: publisher.connections and subscriber.connections)
    for value in range(200):
        publisher.send(KIND.new(mode=2, velocity=[value]))
    wait_for(lambda: len(got) == 200)
    assert values(got) == list(range(200))
    assert (publisher.peers(), subscriber.peers()) == (["/receiver"], [sender.uri])


def test_a_latched_message_is_sent_to_who_comes_later(nodes: Nodes) -> None:
    sender, receiver, got = nodes.make("/sender"), nodes.make("/receiver"), list[Any]()
    publisher = sender.publish("/x", COMMAND, latch=True)
    for value in (1.0, 2.0):
        publisher.send(KIND.new(velocity=[value]))
    receiver.subscribe("/x", COMMAND, got.append)
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: got)
    assert values(got) == [2.0]


def test_without_latch_what_was_sent_before_is_gone(nodes: Nodes) -> None:
    sender = nodes.make("/sender")
    publisher = sender.publish("/x", COMMAND)
    publisher.send(KIND.new(velocity=[1.0]))
    sock, header = join_topic(sender)
    assert header["latching"] == "0"
    wait_for(lambda: publisher.connections)
    publisher.send(KIND.new(velocity=[2.0]))
    expected = frame(KIND.encode(KIND.new(velocity=[2.0])))
    assert receive(sock, len(expected)) == expected
    sock.close()


def test_the_header_of_a_publisher_says_everything(nodes: Nodes) -> None:
    sender = nodes.make("/sender")
    sender.publish("/x", COMMAND, latch=True)
    sock, header = join_topic(sender, type="*", md5sum="*")
    sock.close()
    assert header == {
        "callerid": "/sender",
        "topic": "/x",
        "type": COMMAND,
        "md5sum": "c8c85922d297da6209a089a906207e5d",
        "message_definition": KIND.definition,
        "latching": "1",
    }


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (
            {"md5sum": "0" * 32},
            rf"ours is {COMMAND} \(md5 {KIND.md5sum}\), theirs is {COMMAND} \(md5 0+\), at /by_hand",
        ),
        ({"type": "std_msgs/Empty"}, "ours is intera_core_msgs/JointCommand .*, theirs is std_msgs/Empty"),
        ({"md5sum": ""}, "/x: the header lacks md5sum"),
        ({"topic": "/y"}, "'/y' is not served here"),
        ({"topic": ""}, "names no topic and no service"),
        ({"topic": "", "service": "/s"}, "'/s' is not served here"),
    ],
)
def test_a_subscriber_that_does_not_fit_is_refused(nodes: Nodes, changes: dict[str, str], complaint: str) -> None:
    sender = nodes.make("/sender")
    sender.publish("/x", COMMAND)
    sock, header = join_topic(sender, **changes)
    with sock:
        assert sock.recv(1) == b""
    wait_for(lambda: sender.problems.counts[Problem.REFUSED] == 1)
    assert list(header) == ["error"]
    with pytest.raises(HelmsError, match=complaint):
        raise HelmsError(header["error"])


def test_a_subscriber_refuses_a_publisher_of_another_type(nodes: Nodes) -> None:
    told: list[Any] = []
    sender, receiver = (
        nodes.make("/sender"),
        nodes.make("/receiver", on_problem=lambda *each: told.append(each)),
    )
    sender.publish("/x", "std_msgs/Float64")
    subscriber = receiver.subscribe("/x", COMMAND, lambda _: None)
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: receiver.problems.counts[Problem.REFUSED] >= 2)
    assert subscriber.connections == 0
    # It is tried again and again, but told only once.
    (text,) = [text for kind, text in told if kind == Problem.REFUSED]
    assert f"ours is std_msgs/Float64 (md5 fdb28210bfa9d7c91146260178d9a584), theirs is {COMMAND}" in text


@pytest.mark.parametrize("kind", ["intera_core_msgs/SEAJointState", "intera_core_msgs/SEAJointState_5_5"])
def test_of_several_types_that_of_the_publisher_is_taken(nodes: Nodes, kind: str) -> None:
    sender, receiver, got = nodes.make("/sender"), nodes.make("/receiver"), list[Any]()
    both = ["intera_core_msgs/SEAJointState", "intera_core_msgs/SEAJointState_5_5"]
    receiver.subscribe("/x", both, got.append)
    publisher = sender.publish("/x", kind, latch=True)
    publisher.send(publisher.type.new(actual_position=[0.5]))
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: got)
    assert hasattr(got[0], "actual_current") is (kind == both[1])


def test_of_several_types_none_is_another(nodes: Nodes) -> None:
    sender, receiver = nodes.make("/sender"), nodes.make("/receiver")
    sender.publish("/x", COMMAND)
    receiver.subscribe("/x", ["std_msgs/Bool", "std_msgs/Empty"], lambda _: None)
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: receiver.problems.counts[Problem.REFUSED])
    assert (
        "ours is std_msgs/Bool (md5 8b94c1b53db61fb6aed406028ad6332a) or std_msgs/Empty (md5 d41d8cd98f0"
        in (receiver.problems.last[Problem.REFUSED])
    )


def test_a_slow_callback_gets_the_newest(nodes: Nodes) -> None:
    sender, receiver, got, go = nodes.make("/sender"), nodes.make("/receiver"), list[Any](), threading.Event()

    def callback(message: Any) -> None:  # noqa: ANN401
        got.append(message)
        go.wait(PATIENCE_S)

    publisher = sender.publish("/x", COMMAND, queue=50)
    subscriber = receiver.subscribe("/x", COMMAND, callback, queue=2)
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: publisher.connections and subscriber.connections)
    publisher.send(KIND.new(velocity=[0.0]))
    wait_for(lambda: got)
    for value in range(1, 31):
        publisher.send(KIND.new(velocity=[value]))
    go.set()
    wait_for(lambda: len(got) == 3)
    assert values(got) == [0.0, 29.0, 30.0]
    assert subscriber.dropped == 28


def test_a_callback_that_raises_is_counted_and_called_again(nodes: Nodes) -> None:
    sender, receiver, got = nodes.make("/sender"), nodes.make("/receiver"), list[Any]()

    def callback(message: Any) -> None:  # noqa: ANN401
        got.append(message)
        raise ValueError("no such thing")

    publisher = sender.publish("/x", COMMAND, queue=9)
    subscriber = receiver.subscribe("/x", COMMAND, callback, queue=9)
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: publisher.connections and subscriber.connections)
    for value in range(3):
        publisher.send(KIND.new(velocity=[value]))
    wait_for(lambda: receiver.problems.counts[Problem.CALLBACK] == 3)
    assert values(got) == [0.0, 1.0, 2.0]
    text = receiver.problems.last[Problem.CALLBACK]
    assert text.startswith("the callback of /x raised ValueError: no such thing (test_topics.py:")


def test_a_subscriber_that_does_not_read_holds_up_nobody(nodes: Nodes) -> None:
    sender = nodes.make("/sender", Limits())
    publisher = sender.publish("/x", COMMAND, queue=3)
    sock, _ = join_topic(sender)
    wait_for(lambda: publisher.connections)
    message, count, longest = KIND.new(velocity=[0.0] * 1000), 0, 0.0
    # The receiver's part of the system takes some; then the queue, and after that the oldest is dropped.
    while publisher.dropped < 100:
        before = time.monotonic()
        message.velocity[0] = count = count + 1
        publisher.send(message)
        longest = max(longest, time.monotonic() - before)
    assert longest < 1.0
    size = 4 + len(KIND.encode(message))
    frames: list[float] = []
    while not frames or frames[-1] < count:
        frames.append(KIND.decode(receive(sock, size)[4:]).velocity[0])
    sock.close()
    assert frames == sorted(frames)
    # What waited on this side was the newest.
    assert frames[-3:] == [count - 2, count - 1, count]
    assert len(frames) == count - publisher.dropped


def test_a_subscriber_that_reads_nothing_for_too_long_is_cut_off(nodes: Nodes) -> None:
    sender = nodes.make("/sender", QUICK)
    publisher = sender.publish("/x", COMMAND)
    sock, _ = join_topic(sender)
    wait_for(lambda: publisher.connections)
    message = KIND.new(velocity=[0.0] * 10000)
    while not publisher.dropped:
        publisher.send(message)
    wait_for(lambda: not publisher.connections)
    sock.close()
    assert "it took nothing for" in sender.problems.last[Problem.UNREACHABLE]


def test_a_subscriber_that_talks_is_cut_off(nodes: Nodes) -> None:
    sender = nodes.make("/sender")
    publisher = sender.publish("/x", COMMAND)
    sock, _ = join_topic(sender)
    wait_for(lambda: publisher.connections)
    sock.sendall(b"hello")
    wait_for(lambda: not publisher.connections)
    wait_for(lambda: sender.problems.counts[Problem.MALFORMED] == 1)
    sock.close()


def test_small_messages_are_sent_at_once(nodes: Nodes) -> None:
    sender, receiver = nodes.make("/sender"), nodes.make("/receiver")
    publisher = sender.publish("/x", COMMAND)
    subscriber = receiver.subscribe("/x", COMMAND, lambda _: None)
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: publisher.connections and subscriber.connections)
    (outbox,) = publisher._outboxes
    ((feed, _),) = subscriber._feeds.values()
    assert feed._sock is not None
    assert outbox._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert feed._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert outbox._sock.getsockopt(socket.IPPROTO_TCP, NOT_SENT_LOWAT) == 4096
    assert subscriber.header["tcp_nodelay"] == "1"


def test_a_publisher_that_comes_back_is_found_again(nodes: Nodes) -> None:
    receiver, got = nodes.make("/receiver"), list[Any]()
    subscriber = receiver.subscribe("/x", COMMAND, got.append)
    for value in (1.0, 2.0):
        with Node("/sender", nodes.uri, "127.0.0.1", QUICK) as sender:
            publisher = sender.publish("/x", COMMAND, latch=True)
            publisher.send(KIND.new(velocity=[value]))
            nodes.tell(receiver, "/x", [sender.uri])
            wait_for(partial(ends_with, got, value))
        wait_for(lambda: not subscriber.connections)
    assert receiver.problems.counts[Problem.UNREACHABLE] > 0


def test_a_broken_connection_is_opened_again_by_itself(nodes: Nodes) -> None:
    sender, receiver, got = nodes.make("/sender"), nodes.make("/receiver"), list[Any]()
    publisher = sender.publish("/x", COMMAND, latch=True)
    publisher.send(KIND.new(velocity=[1.0]))
    receiver.subscribe("/x", COMMAND, got.append)
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: len(got) == 1)
    publisher._outboxes[0].hang_up()
    wait_for(lambda: len(got) == 2)
    assert values(got) == [1.0, 1.0]


def test_a_publisher_no_longer_named_stays_until_its_connection_ends(nodes: Nodes) -> None:
    sender, receiver, got = nodes.make("/sender"), nodes.make("/receiver"), list[Any]()
    publisher = sender.publish("/x", COMMAND)
    subscriber = receiver.subscribe("/x", COMMAND, got.append)
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: publisher.connections and subscriber.connections)
    nodes.tell(receiver, "/x", [])
    publisher.send(KIND.new(velocity=[1.0]))
    wait_for(lambda: got)
    publisher._outboxes[0].hang_up()
    wait_for(lambda: not subscriber._feeds)


def test_more_publishers_than_allowed_are_not_listened_to(nodes: Nodes) -> None:
    receiver = nodes.make("/receiver", Limits(links=2, retry_s=0.1, connect_s=0.5))
    subscriber = receiver.subscribe("/x", COMMAND, lambda _: None)
    nodes.tell(receiver, "/x", [f"http://127.0.0.1:{port}/" for port in range(1, 50)])
    wait_for(lambda: receiver.problems.counts[Problem.CROWDED])
    assert len(subscriber._feeds) == 2
    assert "/x has 49 publishers; the first 2 are listened to" in receiver.problems.last[Problem.CROWDED]


def test_a_node_hears_itself(nodes: Nodes) -> None:
    node, got = nodes.make("/both"), list[Any]()
    publisher = node.publish("/x", COMMAND, latch=True)
    publisher.send(KIND.new(velocity=[3.0]))
    node.subscribe("/x", COMMAND, got.append)
    nodes.tell(node, "/x", [node.uri])
    wait_for(lambda: got)


def test_a_large_message_arrives_whole(nodes: Nodes) -> None:
    sender, receiver, got = nodes.make("/sender", Limits()), nodes.make("/receiver", Limits()), list[Any]()
    publisher = sender.publish("/x", "sensor_msgs/Image", latch=True)
    data = bytes(range(256)) * 12000
    publisher.send(publisher.type.new(height=1000, width=1024, step=3072, data=list(data)))
    receiver.subscribe("/x", "sensor_msgs/Image", got.append)
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: got)
    assert got[0].data.tobytes() == data


def test_close_may_be_called_from_a_callback_and_again(nodes: Nodes) -> None:
    sender, receiver = nodes.make("/sender"), nodes.make("/receiver")
    publisher = sender.publish("/x", COMMAND, latch=True)
    publisher.send(KIND.new())
    receiver.subscribe("/x", COMMAND, lambda _: receiver.close())
    nodes.tell(receiver, "/x", [sender.uri])
    wait_for(lambda: receiver.closed)
    receiver.close()
    assert receiver.problems.counts[Problem.CALLBACK] == 0


def test_close_from_a_callback_does_not_wait_for_messages_of_others(nodes: Nodes) -> None:
    senders = [nodes.make("/one"), nodes.make("/two")]
    publishers = [sender.publish("/x", COMMAND) for sender in senders]
    receiver, problems = nodes.make("/receiver"), list[Problem]()

    def callback(_: object) -> None:
        publishers[1].send(KIND.new())
        receiver.close()
        problems.extend(receiver.problems.counts)

    receiver.subscribe("/x", COMMAND, callback)
    nodes.tell(receiver, "/x", [sender.uri for sender in senders])
    wait_for(lambda: all(publisher.connections for publisher in publishers))
    publishers[0].send(KIND.new())
    receiver_closed = receiver._gone.wait(PATIENCE_S)
    assert receiver_closed
    assert Problem.CALLBACK not in problems


def test_after_close_nothing_is_added_and_sending_does_nothing(nodes: Nodes) -> None:
    node = nodes.make("/gone")
    publisher = node.publish("/x", COMMAND)
    node.close()
    publisher.send(KIND.new())
    for add in (
        node.publish,
        lambda topic, kind: node.subscribe(topic, kind, print),
        lambda *_: node.serve("/s", "std_srvs/Empty", print),
    ):
        with pytest.raises(HelmsError, match="node /gone is closed"):
            add("/y", COMMAND)


def test_a_topic_is_published_and_subscribed_to_once(nodes: Nodes) -> None:
    node = nodes.make("/twice")
    node.publish("/x", COMMAND)
    node.subscribe("/x", COMMAND, print)
    with pytest.raises(HelmsError, match="/x is there already in node /twice"):
        node.publish("x", COMMAND)
    with pytest.raises(HelmsError, match="/x is there already in node /twice"):
        node.subscribe("/x", COMMAND, print)


def test_a_queue_has_room(nodes: Nodes) -> None:
    node = nodes.make("/node")
    with pytest.raises(HelmsError, match="at least one message, got 0"):
        node.publish("/x", COMMAND, queue=0)
    with pytest.raises(HelmsError, match="queue of at least one, got 0"):
        node.subscribe("/x", COMMAND, print, queue=0)


def test_a_message_that_does_not_fit_is_not_sent(nodes: Nodes) -> None:
    publisher = nodes.make("/node").publish("/x", COMMAND)
    with pytest.raises(HelmsError, match="cannot be sent as intera_core_msgs/JointCommand"):
        publisher.send("stop")
