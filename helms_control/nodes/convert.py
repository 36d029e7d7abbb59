"""Conversion of messages to arrays and back; messages that violate the contract are refused."""

from array import array
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from std_msgs.msg import Header

from helms_control.errors import HelmsError
from helms_control.spec import FRAMES, OBJECTS, PROPRIOCEPTION, SPEC
from helms_msgs.msg import Observation

Vector = npt.NDArray[np.float32]

Message = TypeVar("Message")
Key = tuple[int, int]
"""Episode and step."""


class RefusedError(HelmsError):
    """A message that is refused."""


def key_of(message: Any) -> Key:  # noqa: ANN401 - any message of the path
    """Return episode and step of a message between observation and action."""
    return message.episode, message.step


def fill(message: Message, **fields: Any) -> Message:  # noqa: ANN401 - whatever the fields hold
    """Set fields of a message and return it.

    Nodes reuse one message per topic: constructing one, with header and stamp, takes longer than all other work on
    it.
    """
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def follow(message: Message, source: Any, **fields: Any) -> Message:  # noqa: ANN401 - messages
    """Address a message as the answer to `source`: same header, episode and step, this contract's hash."""
    place = {"header": source.header, "episode": source.episode, "step": source.step, "spec_hash": SPEC.hash}
    return fill(message, **place, **fields)


def require_hash(message: Any) -> None:  # noqa: ANN401 - any message of the path
    """Refuse a message of another contract.

    Raises:
        RefusedError: the hashes differ; both are named.
    """
    if message.spec_hash != SPEC.hash:
        raise RefusedError(
            f"message of spec {message.spec_hash[:12] or '(none)'}, but this node speaks spec {SPEC.label}; "
            "start both sides from the same release"
        )


def frames_of(observation: Observation) -> tuple[Vector, Vector]:
    """Return proprioception (3, 43) and objects (3, 42) of an observation, read-only views, newest frame first.

    Raises:
        RefusedError: another contract, a wrong length, or a number that is not finite.
    """
    require_hash(observation)
    own = numbers(observation.proprioception, "proprioception", FRAMES * PROPRIOCEPTION.size)
    seen = numbers(observation.objects, "objects", FRAMES * OBJECTS.size)
    return own.reshape(FRAMES, PROPRIOCEPTION.size), seen.reshape(FRAMES, OBJECTS.size)


def numbers(values: "array[float]", name: str, size: int) -> npt.NDArray[Any]:
    """Return a sequence field as an array (size,) without copying.

    Raises:
        RefusedError: a wrong length, or a number that is not finite.
    """
    result = np.frombuffer(values, values.typecode) if len(values) else np.zeros(0)
    if result.size != size:
        raise RefusedError(f"{name} has {result.size} numbers; the contract wants {size}")
    if not np.isfinite(result).all():
        raise RefusedError(f"{name}[{int(np.argmin(np.isfinite(result)))}] is not finite")
    return result


def floats(values: npt.NDArray[np.floating[Any]]) -> "array[float]":
    """Return an array of any shape as a float32 sequence field, row-major."""
    return array("f", np.ascontiguousarray(values, np.float32).tobytes())


def doubles(values: npt.NDArray[np.floating[Any]]) -> "array[float]":
    """Return an array of any shape as a float64 sequence field, row-major."""
    return array("d", np.ascontiguousarray(values, np.float64).tobytes())


def header(stamp_ns: int, frame: str = "") -> Header:
    """Return a header for an instant in ns since the epoch."""
    result = Header(frame_id=frame)
    result.stamp.sec, result.stamp.nanosec = divmod(stamp_ns, 1_000_000_000)
    return result


def diagnosis(node: str, warning: str, numbers: Mapping[str, object], stamp: Time) -> DiagnosticArray:
    """Return a node's state for /diagnostics: OK, or a warning."""
    status = DiagnosticStatus(
        level=DiagnosticStatus.WARN if warning else DiagnosticStatus.OK,
        name=node,
        message=warning or "running",
        values=[KeyValue(key=key, value=str(value)) for key, value in numbers.items()],
    )
    return DiagnosticArray(header=Header(stamp=stamp), status=[status])
