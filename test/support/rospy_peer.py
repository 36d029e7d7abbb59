"""A rospy node that reads what to do from its standard input, one JSON object a line, and answers the same way.

It runs under the system's Python, which knows nothing of this package: `test.support.rospy_node` starts it.
"""

import json
import sys
import time
from collections.abc import Callable
from io import BytesIO
from random import Random
from threading import Event
from typing import Any

import genpy
import genpy.dynamic
import roslib.message
import rospy

Json = Any


def to_json(value: Any) -> Json:  # noqa: ANN401 - any message
    """Return a message, or a value in one, as JSON can carry it."""
    if isinstance(value, genpy.Message):
        return {name: to_json(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, genpy.Time | genpy.Duration):
        return {"secs": value.secs, "nsecs": value.nsecs}
    if isinstance(value, bytes | list | tuple):
        return [to_json(each) for each in value]
    return value


def draw(kind: str, random: Random) -> Json:
    """Return a random value of a plain type."""
    if kind in ("time", "duration"):
        return {"secs": random.randrange(2**31), "nsecs": random.randrange(10**9)}
    if kind == "string":
        return "".join(random.choices("abc /_=\N{GREEK SMALL LETTER PI}", k=random.randrange(12)))
    if kind == "bool":
        return random.random() < 0.5
    if kind.startswith("float"):
        return random.randrange(-(2**16), 2**16) / 64
    kind = {"char": "uint8", "byte": "int8"}.get(kind, kind)
    bits = int(kind.lstrip("uint"))
    return random.randrange(2**bits) - (0 if kind.startswith("u") else 2 ** (bits - 1))


class Peer:
    """What can be asked for: every public method."""

    def __init__(self) -> None:
        """Start without topics."""
        self._types: dict[str, Any] = {}
        self._publishers: dict[str, rospy.Publisher] = {}
        self._subscribers: dict[str, rospy.Subscriber] = {}
        self._services: dict[str, rospy.Service] = {}
        self._received: dict[str, list[Any]] = {}

    def hello(self) -> str:
        """Return this node's name."""
        return str(rospy.get_name())

    def publish(self, topic: str, kind: str, definition: str = "", latch: bool = False, queue: int = 10) -> None:
        """Publish a topic."""
        made = rospy.Publisher(topic, self._type(kind, definition), latch=latch, queue_size=queue, tcp_nodelay=True)
        self._publishers[topic] = made

    def send(self, topic: str, message: Json, count: int = 1) -> Json:
        """Send a message, so many times; return it as rospy sent it last, with its number, and its bytes."""
        made = self._build(self._publishers[topic].data_class._type, message)
        for _ in range(count):
            self._publishers[topic].publish(made)
        buffer = BytesIO()
        made.serialize(buffer)
        return {"message": to_json(made), "bytes": buffer.getvalue().hex()}

    def subscribe(self, topic: str, kind: str, definition: str = "") -> None:
        """Subscribe to a topic."""
        received = self._received[topic] = []
        made = rospy.Subscriber(topic, self._type(kind, definition), received.append, tcp_nodelay=True)
        self._subscribers[topic] = made

    def received(self, topic: str) -> Json:
        """Return the messages that came, and forget them."""
        messages = self._received[topic][:]
        del self._received[topic][: len(messages)]
        return [to_json(message) for message in messages]

    def connections(self, topic: str) -> int:
        """Return how many nodes are connected to a topic."""
        return sum(made.get_num_connections() for made in self._ends(topic))

    def unregister(self, topic: str) -> None:
        """Give up a topic."""
        for made in self._ends(topic):
            made.unregister()

    def md5(self, kind: str, definition: str = "") -> str:
        """Return the md5 sum that genpy finds for a type."""
        return str(self._type(kind, definition)._md5sum)

    def random(self, kind: str, seed: int, definition: str = "") -> Json:
        """Return a random message."""
        self._type(kind, definition)
        return self._draw(kind, Random(seed))

    def serve(self, name: str, success: bool = True, fail: str = "") -> None:
        """Serve a std_srvs/Trigger that succeeds or not, or raises."""
        kind = roslib.message.get_service_class("std_srvs/Trigger")

        def handler(_: object) -> object:
            if fail:
                raise ValueError(fail)
            return kind._response_class(success=success, message="from rospy")

        self._services[name] = rospy.Service(name, kind, handler)

    def withdraw(self, name: str) -> None:
        """Give up a service."""
        self._services.pop(name).shutdown()

    def call(self, name: str, kind: str, persistent: bool = False, count: int = 1, **request: Json) -> Json:
        """Call a service, so many times over one connection if it is persistent; return the last response."""
        rospy.wait_for_service(name, timeout=10)
        proxy = rospy.ServiceProxy(name, roslib.message.get_service_class(kind), persistent=persistent)
        for _ in range(count):
            answer = to_json(proxy(**request))
        proxy.close()
        return answer

    def get_parameter(self, name: str) -> Json:
        """Return a parameter."""
        return rospy.get_param(name)

    def set_parameter(self, name: str, value: Json) -> None:
        """Set a parameter."""
        rospy.set_param(name, value)

    def echo(self, source: str, target: str, kind: str, definition: str = "") -> None:
        """Send back what comes, with the times of its coming and going in `position`."""
        self.publish(target, kind, definition, queue=1)

        def reply(message: Any) -> None:  # noqa: ANN401 - any message
            message.position = [message.position[0], time.monotonic(), time.monotonic()]
            self._publishers[target].publish(message)

        self._subscribers[source] = rospy.Subscriber(source, self._type(kind, definition), reply, tcp_nodelay=True)

    def ping(
        self, target: str, source: str, kind: str, message: Json, count: int, period_s: float, definition: str = ""
    ) -> Json:
        """Send messages to an echo and return the times, s: of sending, both of the echo's, of return."""
        times: list[list[float]] = []
        self.publish(target, kind, definition, queue=1)
        reply = rospy.Subscriber(
            source,
            self._type(kind, definition),
            lambda back: times.append([*back.position, time.monotonic()]),
            tcp_nodelay=True,
        )
        while not (self._publishers[target].get_num_connections() and reply.get_num_connections()):
            time.sleep(0.01)
        made = self._build(kind, message)
        pause, due = Event(), time.monotonic()
        for _ in range(count):
            made.position = [time.monotonic()]
            self._publishers[target].publish(made)
            due += period_s
            pause.wait(max(due - time.monotonic(), 0.0))
        pause.wait(0.2)
        return times

    def _type(self, kind: str, definition: str = "") -> Any:  # noqa: ANN401 - a class
        if definition and kind not in self._types:
            self._types |= genpy.dynamic.generate_dynamic(kind, definition)
        return self._types.get(kind) or roslib.message.get_message_class(kind)

    def _build(self, kind: str, value: Json) -> Any:  # noqa: ANN401 - any value
        """Return a value of a type from JSON; fields that are left out are zero or empty."""
        if kind.endswith("]"):
            return [self._build(kind[:-1].rpartition("[")[0], each) for each in value]
        if kind in ("time", "duration"):
            return getattr(genpy, kind.capitalize())(value["secs"], value["nsecs"])
        if "/" not in kind:
            return value
        made = self._type(kind)()
        for name, inner in zip(made.__slots__, made._slot_types, strict=True):
            if name in value:
                setattr(made, name, self._build(inner, value[name]))
        return made

    def _draw(self, kind: str, random: Random) -> Json:
        if kind.endswith("]"):
            inner, _, count = kind[:-1].rpartition("[")
            return [self._draw(inner, random) for _ in range(int(count or random.randrange(4)))]
        if "/" not in kind:
            return draw(kind, random)
        made = self._type(kind)
        fields = zip(made.__slots__, made._slot_types, strict=True)
        return {name: self._draw(inner, random) for name, inner in fields}

    def _ends(self, topic: str) -> list[Any]:
        return [table[topic] for table in (self._publishers, self._subscribers) if topic in table]


def answer(peer: Peer, line: str) -> Json:
    """Do what a line asks for and return the value, or the error."""
    arguments = json.loads(line)
    action: Callable[..., Json] = getattr(peer, arguments.pop("action"))
    try:
        return {"value": action(**arguments)}
    except Exception as error:
        # Whatever rospy raises is the answer.
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Serve until the standard input ends."""
    rospy.init_node(sys.argv[1].strip("/"), disable_signals=True)
    peer = Peer()
    for line in sys.stdin:
        print(json.dumps(answer(peer, line)), flush=True)
    rospy.signal_shutdown("the standard input ended")


if __name__ == "__main__":
    main()
