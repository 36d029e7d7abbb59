"""XML-RPC: answers of a node, and answers that it accepts."""

import gzip
import os
import socket
import threading
import xmlrpc.client
from typing import Any

import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.ros1 import rpc
from helms_control.hardware.ros1.errors import ProtocolError, RefusedError, UnreachableError
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.master import Master, Parameters
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.problems import Problem
from test.control.hardware.ros1.conftest import COMMAND, PATIENCE_S, QUICK, Nodes, wait_for

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "'
    + b"x" * 1000
    + b'"><!ENTITY c "'
    + b"&b;" * 1000
    + b'">]><methodCall><methodName>getPid</methodName><params><param><value>&c;</value></param></params></methodCall>'
)


def post(node: Node, body: bytes, *headers: str, length: str = "") -> bytes:
    """Send a request and return all that comes back."""
    host, port = node.uri.removeprefix("http://").strip("/").split(":")
    head = ["POST / HTTP/1.1", "Host: x", "Content-Type: text/xml", f"Content-Length: {length or len(body)}", *headers]
    with socket.create_connection((host, int(port)), PATIENCE_S) as sock:
        sock.sendall("\r\n".join((*head, "", "")).encode() + body)
        data = b""
        try:
            while piece := sock.recv(65536):
                data += piece
        except ConnectionResetError:
            # It closed with unread bytes of ours.
            pass
        return data


@pytest.fixture
def node(nodes: Nodes) -> Node:
    made = nodes.make("/node")
    made.publish("/out", COMMAND)
    made.subscribe("/in", ["std_msgs/Bool", "std_msgs/Empty"], print)
    return made


def ask(node: Node, method: str, *arguments: Any) -> Any:  # noqa: ANN401
    return rpc.call(node.uri, method, "/test", *arguments, seconds=5.0, limit=65536)


def test_a_node_says_what_it_is(node: Node, nodes: Nodes) -> None:
    assert ask(node, "getPid") == os.getpid()
    assert ask(node, "getMasterUri") == nodes.uri
    assert ask(node, "getPublications") == [["/out", COMMAND]]
    assert ask(node, "getSubscriptions") == [["/in", "std_msgs/Bool"]]
    assert ask(node, "getBusStats") == [[], [], []]
    assert ask(node, "getBusInfo") == []


def test_a_topic_is_offered_over_tcpros_only(node: Node) -> None:
    assert ask(node, "requestTopic", "/out", [["UDPROS", "x"], ["TCPROS"]]) == ["TCPROS", "127.0.0.1", node.tcp_port]
    with pytest.raises(RefusedError, match="only TCPROS is spoken here"):
        ask(node, "requestTopic", "/out", [["UDPROS"]])
    with pytest.raises(RefusedError, match="not a publisher of /in"):
        ask(node, "requestTopic", "/in", [["TCPROS"]])


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (("publisherUpdate", "/out", []), "not subscribed"),
        (("publisherUpdate", ["/in"], []), "not subscribed"),
        (("publisherUpdate", "/in", "http://x:1"), "publishers must be a list of addresses"),
        (("publisherUpdate", "/in", [1]), "publishers must be a list of addresses"),
        (("paramUpdate", "/p", 1), "not subscribed"),
        (("requestTopic", 7, 7), "not a publisher of 7"),
        (("requestTopic", "/out", 7), "only TCPROS"),
        (("_dispatch", 1), "is not supported"),
        (("no_such_method",), "is not supported"),
        (("getPid", "too", "many"), "takes 2 positional arguments"),
    ],
)
def test_what_a_node_cannot_do_it_refuses(node: Node, call: tuple[Any, ...], complaint: str) -> None:
    with pytest.raises(RefusedError, match=complaint):
        ask(node, *call)


@pytest.mark.parametrize("length", ["1000000", "99999999999", "-1", "many", "0x10"])
def test_a_request_of_improper_length_is_refused_unread(node: Node, length: str) -> None:
    assert post(node, b"", length=length).startswith(b"HTTP/1.0 413")
    assert node.problems.counts[Problem.MALFORMED] == 1


def test_a_request_that_grows_is_refused(node: Node) -> None:
    assert post(node, BOMB).startswith(b"HTTP/1.0 501")
    assert post(node, BOMB.decode().encode("utf-16")).startswith(b"HTTP/1.0 501")
    packed = gzip.compress(xmlrpc.client.dumps(("/test",), "getPid").encode())
    assert post(node, packed, "Content-Encoding: gzip").startswith(b"HTTP/1.0 501")
    assert node.problems.counts[Problem.MALFORMED] == 3


def test_a_request_that_is_none_gets_a_fault(node: Node) -> None:
    assert b"<fault>" in post(node, b"hello")
    deep = b"<array><data><value>" * 5000 + b"</value></data></array>" * 5000
    nested = b"<methodCall><methodName>requestTopic</methodName><params>"
    nested += b"<param><value>/t</value></param><param><value>" + deep + b"</value></param>"
    nested += b"<param><value>" + deep[:0] + b"</value></param></params></methodCall>"
    assert b"methodResponse" in post(node, nested)
    assert ask(node, "getPid") == os.getpid()


def test_too_many_lines_of_a_header_break_the_connection(node: Node) -> None:
    lines = [f"X-{index}: {'x' * 60000}" for index in range(10)]
    assert b"200 OK" not in post(node, b"", *lines)
    wait_for(lambda: node.problems.counts[Problem.MALFORMED])


def test_a_request_that_takes_too_long_is_cut_off(nodes: Nodes) -> None:
    node = nodes.make("/node", Limits(handshake_s=0.3))
    assert b"200 OK" not in post(node, b"<methodCall>", length="100")


def test_more_requests_than_allowed_are_turned_away(nodes: Nodes) -> None:
    node = nodes.make("/node", Limits(connections=2, handshake_s=1.0))
    port = int(node.uri.strip("/").rpartition(":")[2])
    socks = [socket.create_connection(("127.0.0.1", port), PATIENCE_S) for _ in range(5)]
    wait_for(lambda: node.problems.counts[Problem.CROWDED] == 3)
    for sock in socks:
        sock.close()


def test_more_connections_than_allowed_are_turned_away(nodes: Nodes) -> None:
    node = nodes.make("/node", Limits(connections=2))
    socks = [socket.create_connection(("127.0.0.1", node.tcp_port), PATIENCE_S) for _ in range(5)]
    wait_for(lambda: node.problems.counts[Problem.CROWDED] == 3)
    for sock in socks:
        sock.close()
    assert "more than 2 connections at once" in node.problems.last[Problem.CROWDED]


def test_a_shutdown_closes_the_node(node: Node) -> None:
    ask(node, "shutdown", "no longer needed")
    wait_for(lambda: node.closed)
    node.close()
    assert node.problems.last[Problem.MASTER] == "/node was told to shut down: no longer needed"


def reply(listener: socket.socket, data: bytes, limit: int = 10000, seconds: float = 5.0) -> Any:  # noqa: ANN401
    """Call a server that answers with these bytes."""

    def answer() -> None:
        sock, _ = listener.accept()
        with sock:
            sock.recv(65536)
            sock.sendall(data)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        return rpc.call(f"http://127.0.0.1:{listener.getsockname()[1]}", "getPid", "/x", seconds=seconds, limit=limit)
    finally:
        thread.join()


def http(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def response(*values: Any) -> bytes:  # noqa: ANN401
    return http(xmlrpc.client.dumps((list(values),), methodresponse=True).encode())


def test_the_value_of_an_answer_is_returned(listener: socket.socket) -> None:
    assert reply(listener, response(1, "fine", {"a": [1, 2.5, "x", True]})) == {"a": [1, 2.5, "x", True]}


@pytest.mark.parametrize(
    ("data", "error", "complaint"),
    [
        (response(0, "not now", 0), RefusedError, "refuses getPid: not now"),
        (response(-1, "never", 0), RefusedError, "refuses getPid: never"),
        (http(xmlrpc.client.dumps(xmlrpc.client.Fault(1, "oh")).encode()), RefusedError, "refuses getPid: oh"),
        (response(1, "two"), ProtocolError, r"what is not \[code, text, value\]"),
        (http(b"hello"), ProtocolError, r"what is not \[code, text, value\]"),
        (http(b"x" * 10001), ProtocolError, "status 200 and 10001 bytes or more"),
        (http(b"", "404 Not Found"), ProtocolError, "status 404"),
        (http(BOMB), ProtocolError, "with a document type"),
        (http(BOMB.decode().encode("utf-16")), ProtocolError, "in UTF-16"),
        (b"hello\r\n", UnreachableError, "does not answer getPid"),
        (b"", UnreachableError, "does not answer getPid"),
    ],
)
def test_what_else_is_answered_is_an_error(
    listener: socket.socket, data: bytes, error: type[HelmsError], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        reply(listener, data)


def test_an_answer_that_drips_ends_in_time(listener: socket.socket) -> None:
    done = threading.Event()

    def drip() -> None:
        sock, _ = listener.accept()
        with sock:
            while not done.wait(0.02):
                try:
                    sock.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(UnreachableError, match="timed out"):
        rpc.call(f"http://127.0.0.1:{listener.getsockname()[1]}", "getPid", seconds=0.3, limit=1000)
    done.set()
    thread.join()


@pytest.mark.parametrize("uri", ["", "http://", "ftp://x:1", "http://x", "http://x:99999", "http://[:1", "http://x:0"])
def test_what_is_no_address_is_refused(uri: str) -> None:
    with pytest.raises(ProtocolError, match="is no address of the form http://host:port"):
        Master(uri, "/x", QUICK)


def test_an_unknown_host_says_what_to_do() -> None:
    with pytest.raises(UnreachableError, match=r"'no-such-host\.invalid' is not known here.*etc/hosts"):
        rpc.call("http://no-such-host.invalid:1", "getPid", seconds=1.0, limit=1)


def test_a_parameter_that_cannot_be_carried_is_refused() -> None:
    parameters = Parameters(Master("http://127.0.0.1:1", "/x", QUICK))
    for value in (2**40, None, {1: 2}, object()):
        with pytest.raises(RefusedError, match="parameter /p cannot be"):
            parameters.set("/p", value)
