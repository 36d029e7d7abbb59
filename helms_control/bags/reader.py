"""Reading bags, undecoded or decoded."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from rosbags.highlevel import AnyReader
from rosbags.interfaces import Connection
from rosbags.typesys.store import Typestore

from helms_control.bags.layout import METADATA, is_mcap, is_partial
from helms_control.bags.types import type_store
from helms_control.errors import HelmsError


class Message(NamedTuple):
    """One message of a bag.

    Attributes:
        topic: full name.
        kind: type, such as helms_msgs/msg/Action.
        stamp_ns: time of receipt, ns since the epoch.
        data: serialised, CDR.
        source: the bag or the file.
        types: those that the bag was recorded with, which may be an earlier release's.
    """

    topic: str
    kind: str
    stamp_ns: int
    data: bytes
    source: Path
    types: Typestore

    def decoded(self) -> Any:  # noqa: ANN401 - any message
        """Return the message; its fields have the names of the .msg file.

        Raises:
            HelmsError: it cannot be decoded.
        """
        if self.kind not in type_store().fielddefs:
            raise HelmsError(
                f"{self.source}: {self.topic} is of type {self.kind or '(none)'}, which is unknown; known are types "
                "of ROS 2 and of helms_msgs"
            )
        try:
            return self.types.deserialize_cdr(self.data, self.kind)
        except Exception as error:
            # rosbags lets through whatever the decoder stumbles over.
            raise HelmsError(
                f"{self.source}: a message of {self.topic} at {self.stamp_ns} ns cannot be decoded: {error}; "
                f"run `helms bag check {self.source}`"
            ) from error


class Bag:
    """An open bag.

    Attributes:
        path: of the bag or the file.
        topics: type and number of messages by topic.
        duration_s: from the first message to the last, s.
    """

    def __init__(self, path: Path, reader: AnyReader) -> None:
        """Look at an open reader."""
        self.path, self._reader = path, reader
        counts: Counter[str] = Counter()
        for item in reader.connections:
            counts[item.topic] += item.msgcount
        self.topics = {item.topic: (item.msgtype or "", counts[item.topic]) for item in reader.connections}
        self.duration_s = reader.duration * 1e-9 if reader.message_count else 0.0

    def messages(self, *topics: str) -> Iterator[Message]:
        """Yield the messages of some topics, or of all, in the order of their receipt.

        Raises:
            HelmsError: a file of the bag is damaged.
        """
        wanted: list[Connection] = [item for item in self._reader.connections if not topics or item.topic in topics]
        if not wanted:
            return
        found = self._reader.messages(wanted)
        while True:
            try:
                connection, stamp_ns, data = next(found)
            except StopIteration:
                return
            except Exception as error:
                # rosbags raises whatever reading a damaged file leads to: its own errors, those of zstd, struct.error.
                raise HelmsError(f"{self.path} is damaged: {error}; run `helms bag check {self.path}`") from error
            yield Message(
                connection.topic, connection.msgtype or "", stamp_ns, bytes(data), self.path, self._reader.typestore
            )


@contextmanager
def open_bag(path: Path) -> Iterator[Bag]:
    """Open a bag, or a single .mcap file.

    Raises:
        HelmsError: it is none, was not closed, or cannot be read; the message says what to do.
    """
    if is_partial(path):
        raise HelmsError(f"{path} was not closed; `helms bag check --repair {path}` makes a whole bag of it")
    if not is_mcap(path) and not (path / METADATA).is_file():
        raise HelmsError(
            f"{path} is no bag: it has no {METADATA} and is no .mcap file; `helms bag check --repair` may get it back"
        )
    try:
        reader = AnyReader([path], default_typestore=type_store())
        reader.open()
    except Exception as error:
        # As in `Bag.messages`; besides, YAML's errors, and unknown encodings as KeyError or AssertionError.
        raise HelmsError(f"{path} cannot be read: {error}; run `helms bag check --repair {path}`") from error
    try:
        yield Bag(path, reader)
    finally:
        reader.close()
