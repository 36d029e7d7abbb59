"""Peers that send a ROS 1 node anything but what the protocol asks for, and one that is honest.

No attack sends a valid message or request: whatever gets through to a callback was let through wrongly.
"""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from xmlrpc.client import dumps

from helms_control.hardware.ros1 import rpc
from helms_control.hardware.ros1.names import host_port
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.tcpros import encode_header, frame
from helms_control.hardware.ros1.typestore import message_type, service_type
from test.support.ros1_malformed import (
    HEADER,
    KIND,
    broken_header,
    broken_stream,
    broken_value,
    broken_xml,
    http,
    lies,
)
from test.support.ros1_target import (
    COMMAND,
    COMMANDS,
    HONEST,
    MASTER_URI,
    SERVICE,
    STATES,
    SWITCH,
)

SWITCHED = service_type(SERVICE)
LOOK_S = 0.3
"""How long an attack waits for the node to react, s."""
METHODS = ("getPid", "getBusInfo", "publisherUpdate", "paramUpdate", "requestTopic", "getPublications", "", "__init__")


class FalsePublisher:
    """Answers `requestTopic` and subscribers with scripts.

    Attributes:
        uri: of its XML-RPC server.
        taken: set when a subscriber took the data.
    """

    def __init__(self) -> None:
        """Start."""
        self._api, self._data = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
        self.uri = f"http://127.0.0.1:{self._api.getsockname()[1]}/"
        self.port = int(self._data.getsockname()[1])
        self.answer, self.script, self.taken = b"", b"", threading.Event()
        self._quit = False
        self._threads = [
            threading.Thread(target=self._serve, args=(self._api, self._say_where), daemon=True),
            threading.Thread(target=self._serve, args=(self._data, self._say_what), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End."""
        self._quit = True
        for sock in (self._api, self._data):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._api.close()
        self._data.close()

    def _serve(self, listener: socket.socket, say: Callable[[socket.socket], None]) -> None:
        while not self._quit:
            with suppress(OSError):
                sock, _ = listener.accept()
                with sock:
                    sock.settimeout(LOOK_S)
                    sock.recv(65536)
                    say(sock)

    def _say_where(self, sock: socket.socket) -> None:
        sock.sendall(self.answer)

    def _say_what(self, sock: socket.socket) -> None:
        sock.sendall(self.script)
        self.taken.set()
        # Some go at once, others wait until the node has had enough.
        if len(self.script) % 2:
            sock.recv(1)


class Stranger:
    """Tries attacks on a node's two ports; several may do so at once.

    Attributes:
        tried: how many attacks of each kind were tried.
    """

    def __init__(self, uri: str, tcp_port: int, seed: int) -> None:
        """Prepare.

        Args:
            uri: of the node's XML-RPC server.
            tcp_port: of its TCPROS server.
            seed: of what is sent.
        """
        self._random, self._uri, self._tcp = Random(seed), uri, ("127.0.0.1", tcp_port)
        self._http = host_port(uri, "http")
        self._attacks = [self._raw, self._subscribe, self._request, self._post, self._call]
        self.tried: Counter[str] = Counter()

    def attack(self) -> None:
        """Try one attack."""
        attack = self._random.choice(self._attacks)
        self.tried[attack.__name__.strip("_")] += 1
        # A node that hangs up has done the right thing.
        with suppress(OSError):
            attack()

    def _send(self, address: tuple[str, int], data: bytes) -> None:
        with socket.create_connection(address, 5.0) as sock:
            sock.sendall(data)
            if self._random.random() < 0.8:
                # The node is left alone with what it has; now and then for as long as it likes.
                sock.shutdown(socket.SHUT_WR)
            sock.settimeout(LOOK_S)
            _all(sock)

    def _raw(self) -> None:
        """Send what is no header to the TCPROS port."""
        self._send(self._tcp, broken_header(self._random))

    def _subscribe(self) -> None:
        """Subscribe as one should, and then talk."""
        header = encode_header(HEADER | {"topic": STATES})
        self._send(self._tcp, header + self._random.randbytes(self._random.randrange(1, 5000)))

    def _request(self) -> None:
        """Connect to the service as one should, and send what is no request."""
        persistent = self._random.choice(("0", "1"))
        header = {"callerid": "/attacker", "service": SWITCH, "md5sum": SWITCHED.md5sum, "persistent": persistent}
        size = self._random.choice((0, 2, 3, 100, 10_000))
        data = self._random.choice((frame(self._random.randbytes(size)), lies(self._random), b"\x01\0"))
        self._send(self._tcp, encode_header(header) + data)

    def _post(self) -> None:
        """Send what is no request to the XML-RPC port."""
        good = dumps(("/attacker",), "getPid").encode()
        start = self._random.choice(("POST / HTTP/1.1", "POST /RPC2 HTTP/1.0", "GET / HTTP/1.1", "x" * 9000, "POST"))
        length = self._random.choice(("", "-1", "0", "5", "99999999", "9" * 50, "x", "200000"))
        self._send(self._http, http(broken_xml(self._random, good), start, length))

    def _call(self) -> None:
        """Call a method with anything."""
        arguments = tuple(broken_value(self._random) for _ in range(self._random.randrange(6)))
        body = dumps(arguments, self._random.choice(METHODS)).encode()
        self._send(self._http, http(body, "POST / HTTP/1.0"))


class Attacker(Stranger):
    """Is also a publisher that does not keep to the protocol, and looks whether the node still works; one of a kind."""

    def __init__(self, uri: str, tcp_port: int, seed: int) -> None:
        """As `Stranger`; lets an honest peer connect."""
        super().__init__(uri, tcp_port, seed)
        self._attacks.append(self._publish)
        self._false = FalsePublisher()
        self._honest = Node("/honest", MASTER_URI, "127.0.0.1")
        self._commands = self._honest.publish(COMMANDS, COMMAND)
        self._update([])

    def close(self) -> None:
        """End."""
        self._honest.close()
        self._false.close()

    def be_honest(self) -> str:
        """Command, listen and ask as one should; return what did not work."""
        deadline = time.monotonic() + 10.0
        while not self._commands.connections:
            self._update([])
            if time.monotonic() > deadline:
                return "it does not connect to an honest publisher"
            time.sleep(0.05)
        header = message_type("std_msgs/Header").new(frame_id=HONEST)
        self._commands.send(KIND.new(header=header, mode=2))
        with socket.create_connection(self._tcp, 10.0) as sock:
            fields = {"callerid": "/honest", "service": SWITCH, "md5sum": SWITCHED.md5sum}
            sock.sendall(encode_header(fields) + b"\x01\0\0\0\x01")
            if not _all(sock).endswith(b"\x01\x05\0\0\0\x01\0\0\0\0"):
                return "it does not answer an honest request"
        with socket.create_connection(self._tcp, 10.0) as sock:
            sock.sendall(encode_header(HEADER | {"topic": STATES}))
            state = frame(bytes(KIND.encode(KIND.new(mode=1))))
            if not _all(sock, state).endswith(state):
                return "it does not serve an honest subscriber"
        if not isinstance(rpc.call(self._uri, "getPid", "/honest", seconds=10.0, limit=65536), int):
            return "it does not say its process number"
        return ""

    def _update(self, others: list[str]) -> None:
        publishers = [self._honest.uri, *others]
        rpc.call(self._uri, "publisherUpdate", "/master", COMMANDS, publishers, seconds=10.0, limit=65536)

    def _publish(self) -> None:
        """Let the node connect to a publisher that does not keep to the protocol."""
        false, random = self._false, self._random
        false.taken.clear()
        good = dumps(((1, "", ["TCPROS", "127.0.0.1", false.port]),), methodresponse=True).encode()
        if random.random() < 0.7:
            answer = good
        elif random.random() < 0.5:
            answer = broken_xml(random, good)
        else:
            value = random.choice((broken_value(random), ["TCPROS", "127.0.0.1", 70000], ["TCPROS", "x" * 300, 1]))
            answer = dumps(((1, "", value),), methodresponse=True).encode()
        false.answer = http(answer, random.choice(("HTTP/1.0 200 OK",) * 5 + ("HTTP/1.1 500 No", "x")))
        header_first = random.random() < 0.6
        false.script = encode_header(HEADER) + broken_stream(random) if header_first else broken_header(random)
        # Another address each time: one that misbehaved is left alone for a while.
        self._update([f"{false.uri}{random.randrange(10**9)}"])
        false.taken.wait(LOOK_S)


def _all(sock: socket.socket, end: bytes = b"\0" * 1000) -> bytes:
    """Return what comes until the connection ends, or nothing comes for a while, or something has come."""
    data = b""
    with suppress(TimeoutError):
        while not data.endswith(end) and (piece := sock.recv(65536)):
            data += piece
    return data
