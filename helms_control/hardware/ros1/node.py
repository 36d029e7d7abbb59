"""A ROS 1 node: publishers, subscribers, services and parameters under one name."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from helms_control.errors import HelmsError
from helms_control.hardware.ros1 import service, threads
from helms_control.hardware.ros1.directory import Directory
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.master import Address, Master, Parameters
from helms_control.hardware.ros1.names import global_name, host_port
from helms_control.hardware.ros1.problems import Problem, Problems
from helms_control.hardware.ros1.publisher import Publisher
from helms_control.hardware.ros1.registrar import Registrar
from helms_control.hardware.ros1.server import TcpServer
from helms_control.hardware.ros1.service import ServiceServer
from helms_control.hardware.ros1.slave import SlaveApi, SlaveServer
from helms_control.hardware.ros1.sockets import local_address
from helms_control.hardware.ros1.subscriber import Subscriber
from helms_control.hardware.ros1.typestore import message_type, service_type

E = TypeVar("E", Publisher, Subscriber, ServiceServer)


class Node:
    """A ROS 1 node; as a context manager it closes itself.

    It keeps running without the master, and registers again when one returns; connections stay. It closes on a shutdown
    request, as every ROS node does: from `rosnode kill`, or because of a new node of the same name, so that two nodes
    never command one robot.

    Attributes:
        name: full name.
        host: address of this machine for other hosts.
        parameters: of the master.
        problems: errors in the background, counted by kind.
    """

    def __init__(
        self,
        name: str,
        master_uri: str,
        host: str | None = None,
        limits: Limits | None = None,
        on_problem: Callable[[Problem, str], None] | None = None,
    ) -> None:
        """Start the servers; the master is not needed yet.

        Args:
            name: such as /helms_driver.
            master_uri: http://host:port, as in ROS_MASTER_URI.
            host: address or name of this machine for other hosts, as in ROS_IP; by default the address on the route to
                the master.
            limits: bounds for every peer.
            on_problem: called with kind and text of each new problem, in a background thread; it must neither block
                nor close the node.

        Raises:
            HelmsError: an invalid name or URI.
            UnreachableError: the host is not this machine, or there is no route to the master.
        """
        self.name = global_name("node", name)
        self._limits = limits or Limits()
        self.host = host or local_address(*host_port(master_uri, "http"), self._limits.connect_s)
        self.problems = Problems(on_problem)
        self._master = Master(master_uri, self.name, self._limits)
        self.parameters = Parameters(self._master)
        self._directory = Directory(self._shut_down)
        self._lock, self._closing, self._gone = threading.Lock(), False, threading.Event()
        self._tcp = TcpServer(self.host, self._directory, self._limits, self.problems)
        api = SlaveApi(self._directory, master_uri, (self.host, self._tcp.port))
        self._slave = SlaveServer(self.host, api, self._limits, self.problems)
        address = Address(self._slave.uri, f"rosrpc://{self.host}:{self._tcp.port}")
        self._registrar = Registrar(self._master, self._directory, address, self._limits, self.problems)

    def __enter__(self) -> "Node":
        """Return the node."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    @property
    def uri(self) -> str:
        """URI of its XML-RPC server."""
        return self._slave.uri

    @property
    def tcp_port(self) -> int:
        """TCP port for subscribers and clients."""
        return self._tcp.port

    @property
    def closed(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._closing

    def publish(self, topic: str, kind: str, latch: bool = False, queue: int = 1) -> Publisher:
        """Advertise a topic.

        Args:
            topic: name.
            kind: type, such as sensor_msgs/JointState.
            latch: whether later subscribers receive the newest message.
            queue: queue size for each subscriber; a full queue drops its oldest message.

        Raises:
            HelmsError: an invalid name, unknown type, published already, or the node is closed.
        """
        topic = global_name("topic", topic)
        made = Publisher(self.name, topic, message_type(kind), self._limits, latch=latch, queue=queue)
        self._add(self._directory.publishers, topic, made)
        return made

    def subscribe(
        self, topic: str, kind: str | Sequence[str], callback: Callable[[Any], object], queue: int = 1
    ) -> Subscriber:
        """Subscribe to a topic.

        Args:
            topic: name.
            kind: type, such as sensor_msgs/JointState; or several: a publisher must have one of them, by which its
                messages are decoded.
            callback: called with each message in a background thread, never concurrently; its exceptions are counted.
            queue: queue size for the callback; a full queue drops its oldest message.

        Raises:
            HelmsError: an invalid name, unknown type, subscribed to already, or the node is closed.
        """
        topic = global_name("topic", topic)
        types = [message_type(each) for each in ([kind] if isinstance(kind, str) else kind)]
        made = Subscriber(self.name, topic, types, callback, self._limits, self.problems, queue=queue)
        try:
            self._add(self._directory.subscribers, topic, made)
        except HelmsError:
            made.close()
            raise
        return made

    def serve(self, name: str, kind: str, handler: Callable[[Any], object]) -> ServiceServer:
        """Advertise a service.

        Args:
            name: of the service.
            kind: type, such as std_srvs/Trigger.
            handler: takes a request and returns a response, in a thread for each client, which receives its
                exceptions.

        Raises:
            HelmsError: an invalid name, unknown type, served already, or the node is closed.
        """
        name = global_name("service", name)
        made = ServiceServer(self.name, name, service_type(kind), handler, self._limits, self.problems)
        self._add(self._directory.services, name, made)
        return made

    def call(self, name: str, kind: str, request: object, seconds: float = 2.0) -> Any:  # noqa: ANN401 - any message
        """Call a service and return its response.

        Args:
            name: of the service.
            kind: type, such as std_srvs/Trigger.
            request: made with `service_type(kind).request.new`.
            seconds: timeout, s.

        Raises:
            HelmsError: an invalid name, unknown type, or the request does not fit it.
            UnreachableError: no answer in time.
            RefusedError: there is no such service, it has another type, or it failed.
            ProtocolError: what comes back is not a response.
        """
        name = global_name("service", name)
        return service.call(self._master, self.name, name, service_type(kind), request, seconds)

    def close(self) -> None:
        """Unregister, end all connections and threads, after running callbacks; a second call waits for the first."""
        with self._lock:
            first, self._closing = not self._closing, True
        if not first:
            self._gone.wait()
            return
        self._registrar.close()
        self._tcp.close()
        for subscriber in self._directory.all_subscribers():
            subscriber.close()
        self._slave.close()
        self._gone.set()

    def _add(self, entries: dict[str, E], name: str, made: E) -> None:
        with self._lock:
            if self._closing:
                raise HelmsError(f"node {self.name} is closed; nothing can be added")
            if name in entries:
                raise HelmsError(f"{name} is there already in node {self.name}; use the one that was made before")
            entries[name] = made
        self._registrar.add(made)

    def _shut_down(self, reason: str) -> None:
        """Close in another thread, because `close` waits for the thread of the request."""
        if not self._closing:
            self.problems.report(Problem.MASTER, f"{self.name} was told to shut down: {reason}")
            threads.start("shutdown", self.close)
