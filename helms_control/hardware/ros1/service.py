"""Service server, and calls of services."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from helms_control.errors import HelmsError
from helms_control.hardware.ros1.errors import ProtocolError, RefusedError, UnreachableError
from helms_control.hardware.ros1.handshake import admit, exchange, read_exactly, read_frame
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.master import Address, Master
from helms_control.hardware.ros1.names import host_port
from helms_control.hardware.ros1.problems import Problem, Problems, describe
from helms_control.hardware.ros1.sockets import DeadlineSocket, dial, wait_readable
from helms_control.hardware.ros1.tcpros import encode_header, frame, identity, mismatch
from helms_control.hardware.ros1.typestore import ServiceType

DONE, FAILED = b"\x01", b"\x00"


class ServiceServer:
    """Answers requests by a handler.

    Attributes:
        name: full name.
        type: service type.
    """

    def __init__(
        self,
        caller: str,
        name: str,
        kind: ServiceType,
        handler: Callable[[Any], object],
        limits: Limits,
        problems: Problems,
    ) -> None:
        """Prepare.

        Args:
            caller: name of the node.
            name: full name.
            kind: service type.
            handler: takes a request and returns a response, in a thread for each client, which receives its
                exceptions.
            limits: bounds for each client.
            problems: where failures are counted.
        """
        self.name, self.type = name, kind
        self._handler, self._limits, self._problems = handler, limits, problems
        self._header = {
            "callerid": caller,
            "service": name,
            "type": kind.name,
            "md5sum": kind.md5sum,
            "request_type": kind.request.name,
            "response_type": kind.response.name,
        }

    def enrol(self, master: Master, address: Address) -> None:
        """Register with the master."""
        master.call("registerService", self.name, address.rpc, address.api)

    def withdraw(self, master: Master, address: Address) -> None:
        """Unregister from the master."""
        master.call("unregisterService", self.name, address.rpc)

    def serve(self, sock: DeadlineSocket, header: Mapping[str, str]) -> None:
        """Serve a client: one request, or any number over a persistent connection.

        Args:
            sock: its connection.
            header: its connection header.

        Raises:
            RefusedError: it wants another type, or does not say which.
            ProtocolError: it sends an invalid frame.
            OSError: the connection broke.
        """
        admit(self.name, self.type.identity, header)
        sock.sendall(encode_header(self._header))
        if header.get("probe") == "1":
            return
        persistent = header.get("persistent") == "1"
        while True:
            if persistent:
                wait_readable(sock)
            sock.allow(self._limits.stall_s)
            first = sock.recv(1)
            if not first:
                return
            request = read_frame(sock, self._limits.message_bytes, "a request", begun=first)
            answer = self._answer(request)
            sock.allow(self._limits.stall_s)
            sock.sendall(answer)
            if not persistent:
                return

    def _answer(self, data: bytes) -> bytes:
        try:
            request = self.type.request.decode(data)
        except ProtocolError as error:
            self._problems.report(Problem.MALFORMED, f"{self.name}: {error}")
            return _failure(error)
        try:
            return DONE + frame(self.type.response.encode(self._handler(request)))
        except Exception as error:
            # An exception is the client's answer, and must not end the server.
            self._problems.report(Problem.CALLBACK, f"the handler of {self.name} raised {describe(error)}")
            return _failure(error)


def _failure(error: Exception) -> bytes:
    return FAILED + frame(f"{type(error).__name__}: {error}"[:1000].encode(errors="replace"))


def call(master: Master, caller: str, name: str, kind: ServiceType, request: object, seconds: float) -> Any:  # noqa: ANN401
    """Call a service and return its response.

    Args:
        master: looks the service up.
        caller: name of the node.
        name: full name.
        kind: service type.
        request: made with `kind.request.new`.
        seconds: timeout, s.

    Raises:
        HelmsError: the request does not fit the type.
        UnreachableError: no answer in time.
        RefusedError: there is no such service, it has another type, or it failed.
        ProtocolError: what comes back is not a response.
    """
    deadline = time.monotonic() + seconds
    if not seconds > 0.0:
        raise HelmsError(f"a call of {name} needs a time above 0 s, got {seconds}")
    data = frame(kind.request.encode(request))
    header = {"callerid": caller, "service": name, "type": kind.name, "md5sum": kind.md5sum}
    host, port = host_port(master.service_uri(name, seconds), "rosrpc")
    with dial(host, port, max(deadline - time.monotonic(), 0.0)) as sock:
        sock.allow(deadline - time.monotonic())
        try:
            _check(name, kind, exchange(sock, header, master.limits.header_bytes), f"{host}:{port}")
            sock.sendall(data)
            done = read_exactly(sock, 1)
            answer = read_frame(sock, master.limits.message_bytes, "a response")
        except OSError as error:
            raise UnreachableError(f"{name} at {host}:{port} gave no answer within {seconds} s: {error}") from error
    if done != DONE:
        raise RefusedError(f"{name} at {host}:{port} failed: {answer[:1000].decode(errors='replace')}")
    return kind.response.decode(answer)


def _check(name: str, kind: ServiceType, header: Mapping[str, str], peer: str) -> None:
    if "error" in header:
        raise RefusedError(f"{name}: {peer} refuses {kind.identity}: {header['error'][:500]}")
    # A server may omit its type; an omitted field matches.
    theirs = identity(header)
    if not kind.identity.accepts(theirs):
        raise RefusedError(mismatch(name, kind.identity, theirs, peer))
