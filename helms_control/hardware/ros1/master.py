"""Client of the ROS 1 master: registration, look-up, parameters."""

from typing import Any, NamedTuple

from helms_control.hardware.ros1 import rpc
from helms_control.hardware.ros1.errors import ProtocolError, RefusedError, UnreachableError
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.names import host_port


class Address(NamedTuple):
    """Addresses of a node.

    Attributes:
        api: its XML-RPC server, http://host:port/.
        rpc: its services, rosrpc://host:port.
    """

    api: str
    rpc: str


class Master:
    """Methods of the master; each call opens its own connection, so any thread may call.

    All raise UnreachableError, ProtocolError or RefusedError.

    Attributes:
        uri: http://host:port.
        limits: bounds for its answers.
    """

    def __init__(self, uri: str, caller: str, limits: Limits) -> None:
        """Store the address; nothing is sent yet.

        Raises:
            ProtocolError: not a URI of the form http://host:port.
        """
        host_port(uri, "http")
        self.uri, self.limits, self._caller = uri, limits, caller

    def call(self, method: str, *arguments: Any, seconds: float = float("inf")) -> Any:  # noqa: ANN401 - any value
        """Call a method of the master by name; `seconds` may shorten the timeout."""
        longest = min(seconds, self.limits.connect_s)
        limit = self.limits.answer_bytes
        try:
            return rpc.call(self.uri, method, self._caller, *arguments, seconds=longest, limit=limit)
        except UnreachableError as error:
            text = f"no ROS master at {self.uri}: {error}; start one, or give the address of one that runs"
            raise UnreachableError(text) from error

    def pid(self) -> int:
        """Return the master's process ID, which changes with a restart."""
        found = self.call("getPid")
        if not isinstance(found, int):
            raise ProtocolError(f"{self.uri} answers getPid with {str(found)[:100]!r}, which is no number")
        return found

    def node_uri(self) -> str | None:
        """Return the URI that is registered for this node's name; None if there is none."""
        try:
            return str(self.call("lookupNode", self._caller))
        except RefusedError:
            return None

    def service_uri(self, name: str, seconds: float) -> str:
        """Return the address of a service, rosrpc://host:port."""
        return str(self.call("lookupService", name, seconds=seconds))

    def register_subscriber(self, topic: str, kind: str, api: str) -> list[str]:
        """Register and return the URIs of the publishers."""
        found = self.call("registerSubscriber", topic, kind, api)
        if not isinstance(found, list) or not all(isinstance(uri, str) for uri in found):
            raise ProtocolError(f"{self.uri} answers registerSubscriber with what is no list of addresses")
        return found


class Parameters:
    """The master's parameter server; values are of XML-RPC types (integers below 2**31)."""

    def __init__(self, master: Master) -> None:
        """Use a master."""
        self._master = master

    def get(self, name: str) -> Any:  # noqa: ANN401 - any value
        """Return a parameter, or a dictionary for a namespace.

        Raises:
            RefusedError: it is not set.
            UnreachableError: no answer.
        """
        return self._master.call("getParam", name)

    def set(self, name: str, value: object) -> None:
        """Set a parameter.

        Raises:
            HelmsError: no answer, or a value of another type.
        """
        try:
            self._master.call("setParam", name, value)
        except (OverflowError, TypeError, UnicodeError) as error:
            raise RefusedError(f"parameter {name} cannot be {value!r}: {error}") from error

    def has(self, name: str) -> bool:
        """Whether a parameter is set."""
        return bool(self._master.call("hasParam", name))

    def search(self, name: str) -> str | None:
        """Return the full name of a parameter in the nearest namespace upwards from the node's; None if not set."""
        try:
            return str(self._master.call("searchParam", name))
        except RefusedError:
            return None

    def delete(self, name: str) -> None:
        """Remove a parameter.

        Raises:
            RefusedError: it is not set.
        """
        self._master.call("deleteParam", name)

    def names(self) -> list[str]:
        """Return the names of all parameters."""
        return [str(name) for name in self._master.call("getParamNames")]
