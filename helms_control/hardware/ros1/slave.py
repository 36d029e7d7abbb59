"""XML-RPC server of a node (slave API), called by the master and other nodes."""

import os
import socket
import socketserver
import threading
import time
from typing import Any
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer

from helms_control.hardware.ros1.directory import Directory
from helms_control.hardware.ros1.errors import ProtocolError
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.problems import Problem, Problems
from helms_control.hardware.ros1.rpc import SUCCESS, check_xml
from helms_control.hardware.ros1.sockets import DeadlineSocket, hang_up, listen

ERROR, FAILURE = -1, 0
HTTP_BYTES = 16384
"""Longest accepted HTTP header, bytes."""
BREATH_S = 0.05
"""Pause after a failed accept, s."""
Answer = tuple[int, str, Any]


class SlaveApi:
    """The methods of ROS 1's slave API, under their standard names; each returns (code, text, value)."""

    def __init__(self, directory: Directory, master_uri: str, tcp_address: tuple[str, int]) -> None:
        """Answer for the publishers and subscribers of a directory."""
        self._directory, self._master_uri, self._tcp = directory, master_uri, tcp_address

    def getPid(self, _caller: str) -> Answer:  # noqa: N802 - ROS's name, as below
        """Return the process ID."""
        return SUCCESS, "", os.getpid()

    def getMasterUri(self, _caller: str) -> Answer:  # noqa: N802
        """Return the master's URI."""
        return SUCCESS, "", self._master_uri

    def getSubscriptions(self, _caller: str) -> Answer:  # noqa: N802
        """Return topics and types."""
        return SUCCESS, "", [[each.topic, each.type_name] for each in self._directory.all_subscribers()]

    def getPublications(self, _caller: str) -> Answer:  # noqa: N802
        """Return topics and types."""
        return SUCCESS, "", [[each.topic, each.type.name] for each in self._directory.all_publishers()]

    def getBusStats(self, _caller: str) -> Answer:  # noqa: N802
        """Return no statistics."""
        return SUCCESS, "", [[], [], []]

    def getBusInfo(self, _caller: str) -> Answer:  # noqa: N802
        """Return the connections: number, peer, direction, transport, topic, connected."""
        found = [(peer, "o", each.topic) for each in self._directory.all_publishers() for peer in each.peers()]
        found += [(peer, "i", each.topic) for each in self._directory.all_subscribers() for peer in each.peers()]
        return SUCCESS, "", [[i, peer, way, "TCPROS", topic, True] for i, (peer, way, topic) in enumerate(found)]

    def publisherUpdate(self, _caller: str, topic: str, publishers: list[str]) -> Answer:  # noqa: N802
        """Set the current publishers of a topic; returns at once."""
        subscriber = self._directory.subscribers.get(topic) if isinstance(topic, str) else None
        if subscriber is None:
            return ERROR, "not subscribed", 0
        if not isinstance(publishers, list) or not all(isinstance(uri, str) for uri in publishers):
            return ERROR, "publishers must be a list of addresses", 0
        subscriber.replace(publishers)
        return SUCCESS, "", 0

    def paramUpdate(self, _caller: str, _name: str, _value: object) -> Answer:  # noqa: N802
        """Refuse: no parameter is subscribed to."""
        return ERROR, "not subscribed", 0

    def requestTopic(self, _caller: str, topic: str, protocols: list[list[Any]]) -> Answer:  # noqa: N802
        """Return the TCPROS address of a topic."""
        if not isinstance(topic, str) or topic not in self._directory.publishers:
            return ERROR, f"not a publisher of {str(topic)[:100]}", []
        wanted = protocols if isinstance(protocols, list) else []
        if not any(isinstance(each, list) and each[:1] == ["TCPROS"] for each in wanted):
            return FAILURE, "only TCPROS is spoken here", []
        return SUCCESS, "", ["TCPROS", *self._tcp]

    def shutdown(self, _caller: str, reason: str = "") -> Answer:
        """Shut this node down, on request of `rosnode kill` or because of a new node of the same name."""
        self._directory.shut_down(str(reason)[:300])
        return SUCCESS, "", 0


class _Handler(SimpleXMLRPCRequestHandler):
    """One request, within the limits."""

    rpc_paths = ("/", "/RPC2")
    server: "_Server"

    def do_POST(self) -> None:  # noqa: N802 - as in the base class
        """Refuse a request that is too long before reading it."""
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or len(length) > 9 or int(length) > self.server.limits.request_bytes:
            self.server.problems.report(Problem.MALFORMED, f"XML-RPC request of length {length[:20]!r} refused")
            self.send_error(413)
        else:
            super().do_POST()

    def decode_request_content(self, data: bytes) -> bytes | None:
        """Refuse content that expands: compressed requests and documents with entities; ROS sends neither."""
        try:
            if self.headers.get("content-encoding", "identity").lower() != "identity":
                raise ProtocolError("a compressed XML-RPC request is not accepted")
            check_xml(data)
        except ProtocolError as error:
            self.server.problems.report(Problem.MALFORMED, f"{self.client_address[0]}: {error}")
            self.send_error(501)
            return None
        return data

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing."""


class _Server(socketserver.ThreadingMixIn, SimpleXMLRPCServer):
    """A thread for each request, within the limits."""

    daemon_threads = True

    def __init__(self, sock: socket.socket, limits: Limits, problems: Problems) -> None:
        super().__init__(("", 0), _Handler, logRequests=False, bind_and_activate=False)
        self.socket.close()
        self.socket = sock
        self.limits, self.problems = limits, problems
        self._open: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()

    def get_request(self) -> tuple[socket.socket, Any]:
        try:
            sock, address = self.socket.accept()
            budget = self.limits.request_bytes + HTTP_BYTES
            return DeadlineSocket.adopt(sock, self.limits.handshake_s, budget), address
        except OSError:
            # The caller retries at once; without a pause it would spin until resources are free.
            time.sleep(BREATH_S)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the base class
        thread = threading.Thread(
            target=self._serve, args=(request, client_address), name="ros1-xmlrpc-request", daemon=True
        )
        with self._lock:
            crowded = len(self._open) >= self.limits.connections
            if not crowded:
                self._open[thread] = request
        if crowded:
            self.problems.report(Problem.CROWDED, f"more than {self.limits.connections} XML-RPC requests at once")
            self.shutdown_request(request)
        else:
            thread.start()

    def _serve(self, request: socket.socket, client_address: object) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.pop(threading.current_thread(), None)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the base class
        """Count the error; the base class would print it."""
        self.problems.report(Problem.MALFORMED, f"an XML-RPC request from {client_address[0]} broke off")

    def end(self) -> None:
        with self._lock:
            running = dict(self._open)
        for sock in running.values():
            hang_up(sock)
        for thread in running:
            if thread is not threading.current_thread():
                thread.join(self.limits.handshake_s)


class SlaveServer:
    """Serves a `SlaveApi` on a free port.

    Attributes:
        uri: its address, http://host:port/.
    """

    def __init__(self, host: str, api: SlaveApi, limits: Limits, problems: Problems) -> None:
        """Start the server.

        Args:
            host: address of this machine for other hosts.
            api: the methods.
            limits: bounds for requests.
            problems: where failures are counted.
        """
        sock = listen(host)
        self.uri = f"http://{host}:{sock.getsockname()[1]}/"
        self._server = _Server(sock, limits, problems)
        self._server.register_instance(api)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="ros1-xmlrpc", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving; running requests are cut off."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.end()
