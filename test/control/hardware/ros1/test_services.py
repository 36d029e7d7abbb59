"""Services against a hand-written client, and calls of misbehaving servers, without a master."""

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.ros1 import service
from helms_control.hardware.ros1.errors import ProtocolError, RefusedError, UnreachableError
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.master import Master
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.problems import Problem
from helms_control.hardware.ros1.tcpros import encode_header, frame
from helms_control.hardware.ros1.typestore import service_type
from test.control.hardware.ros1.conftest import PATIENCE_S, Nodes, receive, wait_for
from test.control.hardware.ros1.test_topics import read_header

KIND = service_type("std_srvs/SetBool")
OK = KIND.response.new(success=True, message="ok")
REPLY = encode_header({"callerid": "/other", "md5sum": KIND.md5sum, "type": KIND.name})


class Known(Master):
    """A master that knows where the service is."""

    def __init__(self, sock: socket.socket, limits: Limits) -> None:
        super().__init__("http://127.0.0.1:1", "/client", limits)
        self._port = sock.getsockname()[1]

    def service_uri(self, name: str, seconds: float) -> str:
        """Return the address of the socket."""
        return f"rosrpc://127.0.0.1:{self._port}"


def serve(nodes: Nodes, handler: Callable[[Any], object]) -> Node:
    node = nodes.make("/server")
    node.serve("/s", KIND.name, handler)
    return node


def join(node: Node, **changes: str) -> tuple[socket.socket, dict[str, str]]:
    """Connect to /s as a client; return the connection and the node's header."""
    sock = socket.create_connection(("127.0.0.1", node.tcp_port), PATIENCE_S)
    fields = {"service": "/s", "callerid": "/by_hand", "md5sum": KIND.md5sum} | changes
    sock.sendall(encode_header({key: value for key, value in fields.items() if value}))
    return sock, read_header(sock)


def test_one_request_is_answered_and_the_connection_ends(nodes: Nodes) -> None:
    got: list[Any] = []

    def handler(request: Any) -> object:  # noqa: ANN401
        got.append(request)
        return OK

    node = serve(nodes, handler)
    sock, header = join(node)
    assert (header["md5sum"], header["type"]) == (KIND.md5sum, KIND.name)
    assert (header["request_type"], header["response_type"]) == (f"{KIND.name}Request", f"{KIND.name}Response")
    sock.sendall(b"\x01\0\0\0\x01")
    assert receive(sock, 100) == b"\x01\x07\0\0\0\x01\x02\0\0\0ok"
    sock.close()
    assert got[0].data is True


def test_a_persistent_connection_takes_many_requests(nodes: Nodes) -> None:
    node = serve(nodes, lambda _: OK)
    sock, _ = join(node, persistent="1")
    for _ in range(3):
        sock.sendall(b"\x01\0\0\0\0")
        assert receive(sock, 12) == b"\x01\x07\0\0\0\x01\x02\0\0\0ok"
    sock.close()


def test_what_a_handler_raises_is_the_answer(nodes: Nodes) -> None:
    def handler(_: object) -> object:
        raise ValueError("no power")

    node = serve(nodes, handler)
    sock, _ = join(node, persistent="1")
    for _ in range(2):
        sock.sendall(b"\x01\0\0\0\0")
        assert receive(sock, 25) == b"\0\x14\0\0\0ValueError: no power"
    sock.close()
    assert node.problems.counts[Problem.CALLBACK] == 2
    assert "the handler of /s raised ValueError: no power" in node.problems.last[Problem.CALLBACK]


def test_a_response_of_another_type_is_an_error(nodes: Nodes) -> None:
    node = serve(nodes, lambda _: "done")
    sock, _ = join(node)
    sock.sendall(b"\x01\0\0\0\0")
    answer = receive(sock, 1000)
    sock.close()
    assert answer[:1] == b"\0"
    assert b"str cannot be sent as std_srvs/SetBoolResponse" in answer


def test_a_request_that_is_none_is_an_error(nodes: Nodes) -> None:
    node = serve(nodes, lambda _: OK)
    sock, _ = join(node)
    sock.sendall(b"\x02\0\0\0ab")
    answer = receive(sock, 1000)
    sock.close()
    assert answer[:1] == b"\0"
    assert b"2 bytes are not a message of type std_srvs/SetBoolRequest" in answer


def test_a_request_that_is_too_long_or_breaks_off_ends_the_connection(nodes: Nodes) -> None:
    node = serve(nodes, lambda _: OK)
    for data in b"\xff\xff\xff\xff", b"\x05\0\0\0a":
        sock, _ = join(node)
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(1) == b""
        sock.close()
    wait_for(lambda: node.problems.counts[Problem.MALFORMED] == 2)


def test_a_client_that_says_nothing_is_cut_off(nodes: Nodes) -> None:
    node = serve(nodes, lambda _: OK)
    sock, _ = join(node)
    assert sock.recv(1) == b""
    sock.close()
    wait_for(lambda: node.problems.counts[Problem.UNREACHABLE] == 1)


def test_a_probe_is_no_problem(nodes: Nodes) -> None:
    node = serve(nodes, lambda _: OK)
    sock, header = join(node, md5sum="*", probe="1")
    assert (header["md5sum"], sock.recv(1)) == (KIND.md5sum, b"")
    sock.close()
    assert set(node.problems.counts) <= {Problem.MASTER}


def test_another_md5_sum_is_refused(nodes: Nodes) -> None:
    node = serve(nodes, lambda _: OK)
    sock, header = join(node, md5sum="1" * 32, type="std_srvs/Trigger")
    sock.close()
    assert f"ours is {KIND.name} (md5 {KIND.md5sum}), theirs is std_srvs/Trigger (md5 {'1' * 32})" in header["error"]


def test_close_waits_for_a_handler(nodes: Nodes) -> None:
    begun, done = threading.Event(), threading.Event()

    def handler(_: object) -> object:
        begun.set()
        done.wait(0.2)
        done.set()
        return OK

    node = serve(nodes, handler)
    sock, _ = join(node)
    sock.sendall(b"\x01\0\0\0\0")
    begun.wait(PATIENCE_S)
    node.close()
    sock.close()
    assert done.is_set()


def call(listener: socket.socket, script: bytes, seconds: float = 5.0, limits: Limits | None = None) -> Any:  # noqa: ANN401
    """Call a server that answers whatever it is asked with a script, and then ends the connection."""

    def answer() -> None:
        sock, _ = listener.accept()
        with sock:
            read_header(sock)
            sock.sendall(script)
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(100):
                pass

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        request = KIND.request.new(data=True)
        return service.call(Known(listener, limits or Limits()), "/client", "/s", KIND, request, seconds)
    finally:
        thread.join()


def test_a_response_comes_back(listener: socket.socket) -> None:
    assert call(listener, REPLY + b"\x01\x07\0\0\0\x01\x02\0\0\0ok") == OK


def test_a_server_need_not_say_its_type(listener: socket.socket) -> None:
    assert call(listener, encode_header({"callerid": "/other"}) + b"\x01\x07\0\0\0\x01\x02\0\0\0ok") == OK


@pytest.mark.parametrize(
    ("script", "error", "complaint"),
    [
        (REPLY + b"\0" + frame(b"no power"), RefusedError, "/s at 127.0.0.1:.* failed: no power"),
        (encode_header({"error": "not here"}), RefusedError, "refuses std_srvs/SetBool .*: not here"),
        (encode_header({"md5sum": "2"}), RefusedError, f"ours is {KIND.name} .md5 {KIND.md5sum}., theirs is . .md5 2."),
        (REPLY + b"\x01\xff\xff\xff\xff", ProtocolError, "a response of 4294967295 bytes announced"),
        (REPLY + b"\x01\x07\0\0\0ab", ProtocolError, "closed the connection after 2 of 7 bytes"),
        (REPLY + b"\x01\x02\0\0\0ab", ProtocolError, "2 bytes are not a message of type std_srvs/SetBoolResponse"),
        (REPLY, ProtocolError, "closed the connection after 0 of 1 bytes"),
        (b"\xff\xff\xff\xff", ProtocolError, "a connection header of 4294967295 bytes announced"),
        (b"", ProtocolError, "closed the connection after 0 of 4 bytes"),
    ],
)
def test_what_else_comes_back_is_an_error(
    listener: socket.socket, script: bytes, error: type[HelmsError], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        call(listener, script)


def test_a_server_that_does_not_answer_costs_the_time_allowed(listener: socket.socket) -> None:
    # The listening socket takes the connection, and nobody takes it from there.
    with pytest.raises(UnreachableError, match=r"/s at 127\.0\.0\.1:\d+ gave no answer within 0\.2 s"):
        service.call(Known(listener, Limits()), "/client", "/s", KIND, KIND.request.new(), 0.2)


def test_nobody_there_is_an_error(listener: socket.socket) -> None:
    known = Known(listener, Limits())
    listener.close()
    with pytest.raises(UnreachableError, match="does not answer"):
        service.call(known, "/client", "/s", KIND, KIND.request.new(), 1.0)


def test_a_call_without_a_master_is_an_error(nodes: Nodes) -> None:
    with pytest.raises(UnreachableError, match=r"no ROS master at http://127\.0\.0\.1:\d+: 127.* does not answer"):
        nodes.make("/client").call("/s", KIND.name, KIND.request.new())


def test_a_call_needs_time_and_a_request(listener: socket.socket) -> None:
    known = Known(listener, Limits())
    with pytest.raises(HelmsError, match="needs a time above 0 s, got 0"):
        service.call(known, "/client", "/s", KIND, KIND.request.new(), 0.0)
    with pytest.raises(HelmsError, match="int cannot be sent as std_srvs/SetBoolRequest"):
        service.call(known, "/client", "/s", KIND, 1, 1.0)
