"""ROS 1 message and service types: the standard ones, and Sawyer's and the gripper's from ../messages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import md5
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.interfaces import Nodetype
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from helms_control.errors import HelmsError, unknown
from helms_control.hardware.ros1.errors import ProtocolError
from helms_control.hardware.ros1.tcpros import Identity

MESSAGES = Path(__file__).parents[1] / "messages"
ELEMENTS = 1 << 22
"""Longest list in a message that is accepted."""
OTHER_VERSIONS = {"intera_core_msgs/SEAJointState_5_5": "intera_core_msgs/SEAJointState"}
"""Types with several versions among robots: our name, and the name on the wire."""


@dataclass(frozen=True)
class MessageType:
    """A message type with its encoder and decoder.

    Attributes:
        name: on the wire, such as std_msgs/Float64.
        md5sum: of the definition, as ROS 1 counts it.
        definition: text, including nested types.
        key: name in the type store.
    """

    name: str
    md5sum: str
    definition: str
    key: str

    @property
    def identity(self) -> Identity:
        """Type and md5 sum, which both sides of a connection must share."""
        return Identity(self.name, self.md5sum)

    def new(self, **fields: object) -> Any:  # noqa: ANN401 - any message
        """Return a message; fields that are left out are zero, false or empty.

        Args:
            fields: by name; lists of numbers may be any sequence.

        Raises:
            HelmsError: a field that the type does not have, or numbers that do not fit.
        """
        return _new(_store(), self.key, fields)

    def encode(self, message: object) -> memoryview:
        """Return the serialised message.

        Raises:
            HelmsError: it does not fit the type.
        """
        try:
            for field, dtype in _arrays(self.key):
                # Numbers of another type of the same size would be written without conversion.
                if (got := field(message).dtype) != dtype:
                    raise HelmsError(f"an array of {got} instead of {dtype}")
            return _store().serialize_ros1(message, self.key)
        except Exception as error:
            # The encoder of rosbags raises unrelated classes.
            raise HelmsError(
                f"{type(message).__name__} cannot be sent as {self.name}: {error}; make messages with new() of the type"
            ) from error

    def decode(self, data: bytes) -> Any:  # noqa: ANN401 - any message
        """Return the message.

        Raises:
            ProtocolError: the bytes are not one.
        """
        try:
            return _store().deserialize_ros1(data, self.key)
        except Exception as error:
            # The decoder of rosbags raises unrelated classes.
            raise ProtocolError(f"{len(data)} bytes are not a message of type {self.name}: {error}") from error


@dataclass(frozen=True)
class ServiceType:
    """A service type.

    Attributes:
        name: on the wire, such as std_srvs/Trigger.
        md5sum: of both definitions.
        request: request type.
        response: response type.
    """

    name: str
    md5sum: str
    request: MessageType
    response: MessageType

    @property
    def identity(self) -> Identity:
        """Type and md5 sum, which both sides of a connection must share."""
        return Identity(self.name, self.md5sum)


@cache
def message_type(name: str) -> MessageType:
    """Return a message type.

    Args:
        name: such as sensor_msgs/JointState, or a key of `OTHER_VERSIONS`.

    Raises:
        UnknownNameError: no such type.
    """
    store, key = _store(), name.replace("/", "/msg/")
    if name.count("/") != 1 or key not in store.fielddefs:
        raise unknown("ROS 1 message type", name, sorted(each.replace("/msg/", "/") for each in store.fielddefs))
    definition, md5sum = store.generate_msgdef(key)
    # Generates the codec now, not at the first message.
    store.get_msgdef(key)
    return MessageType(OTHER_VERSIONS.get(name, name), md5sum, definition, key)


@cache
def service_type(name: str) -> ServiceType:
    """Return a service type.

    Raises:
        UnknownNameError: no such type.
    """
    names = [f"{path.parent.name}/{path.stem}" for path in sorted(MESSAGES.rglob("*.srv"))]
    if name not in names:
        raise unknown("ROS 1 service type", name, names)
    request, response = message_type(f"{name}Request"), message_type(f"{name}Response")
    text = _md5_text(request.key) + _md5_text(response.key)
    return ServiceType(name, md5(text.encode()).hexdigest(), request, response)


def stamp(time_ns: int) -> Any:  # noqa: ANN401 - any message
    """Return a ROS time from ns since the epoch."""
    seconds, rest = divmod(time_ns, 1_000_000_000)
    return _store().types["builtin_interfaces/msg/Time"](seconds, rest)


@cache
def _store() -> Typestore:
    store = get_typestore(Stores.ROS1_NOETIC)
    store.max_sequence_length = ELEMENTS
    found: dict[str, Any] = {}
    for path in sorted(MESSAGES.rglob("*.msg")):
        found |= get_types_from_msg(path.read_text(), f"{path.parent.name}/msg/{path.stem}")
    for path in sorted(MESSAGES.rglob("*.srv")):
        request, _, response = path.read_text().partition("---\n")
        for text, part in (request, "Request"), (response, "Response"):
            found |= get_types_from_msg(text, f"{path.parent.name}/msg/{path.stem}{part}")
    store.register(found)
    return store


def _md5_text(key: str) -> str:
    """Return the text that the md5 sum covers: the definition, with nested types replaced by their md5 sums."""
    store, lines = _store(), []
    for line in store.gendefhash(key, {})[0].splitlines():
        kind, _, name = line.partition(" ")
        inner = kind.partition("[")[0]
        lines.append(f"{message_type(inner).md5sum} {name}" if "/" in inner else line)
    return "\n".join(lines)


def _dtype(kind: str) -> np.dtype[Any]:
    return np.dtype({"char": "uint8", "byte": "int8"}.get(kind, kind))


@cache
def _arrays(key: str) -> list[tuple[Callable[[object], Any], np.dtype[Any]]]:
    return [(attrgetter(path), dtype) for path, dtype in _array_paths(key)]


def _array_paths(key: str) -> Iterator[tuple[str, np.dtype[Any]]]:
    """Yield path and dtype of a type's number arrays, except those within lists of messages."""
    kind: Any
    for name, kind in _store().fielddefs[key][1]:
        node, detail = kind
        if node == Nodetype.NAME:
            yield from ((f"{name}.{path}", dtype) for path, dtype in _array_paths(detail))
        elif (
            node in (Nodetype.ARRAY, Nodetype.SEQUENCE)
            and detail[0][0] == Nodetype.BASE
            and detail[0][1][0] != "string"
        ):
            yield name, _dtype(detail[0][1][0])


def _new(store: Typestore, key: str, given: dict[str, object]) -> Any:  # noqa: ANN401 - any message
    fields = dict(store.fielddefs[key][1])
    for name in given:
        if name not in fields:
            raise unknown(f"field of {key.replace('/msg/', '/')}", name, fields)
    return store.types[key](**{name: _value(store, key, name, kind, given) for name, kind in fields.items()})


def _value(store: Typestore, key: str, name: str, kind: Any, given: dict[str, object]) -> Any:  # noqa: ANN401
    """Return the value of a field, given or zero; `kind` is rosbags' description of it."""
    node, detail = kind
    if node in (Nodetype.ARRAY, Nodetype.SEQUENCE):
        (inner, inner_detail), length = detail
        count = length if node == Nodetype.ARRAY else 0
        if inner == Nodetype.NAME:
            return given.get(name, [_new(store, inner_detail, {}) for _ in range(count)])
        if inner_detail[0] == "string":
            return given.get(name, [""] * count)
        try:
            array = np.asarray(given.get(name, np.zeros(count)), _dtype(inner_detail[0]))
            if array.ndim != 1:
                raise ValueError(f"an array of shape {array.shape} is no list")
            return np.ascontiguousarray(array)
        except (TypeError, ValueError, OverflowError) as error:
            raise HelmsError(f"{name} of {key} must be numbers of type {inner_detail[0]}: {error}") from error
    if name in given:
        return given[name]
    if node == Nodetype.NAME:
        return _new(store, detail, {})
    return {"string": "", "bool": False, "float32": 0.0, "float64": 0.0}.get(detail[0], 0)
