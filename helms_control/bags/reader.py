"""Reading bags, undecoded or decoded."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from rosbags.highlevel import AnyReader, AnyReaderError
from rosbags.interfaces import Connection

from helms_control.bags.layout import METADATA, is_partial
from helms_control.bags.types import type_store
from helms_control.errors import HelmsError


class Message(NamedTuple):
    """One message of a bag.

    Attributes:
        topic: full name.
        kind: type, such as helms_msgs/msg/Action.
        stamp_ns: time of receipt, ns since the epoch.
        data: serialised, CDR.
        folder: of the bag.
    """

    topic: str
    kind: str
    stamp_ns: int
    data: bytes
    folder: Path

    def decoded(self) -> Any:  # noqa: ANN401 - any message
        """Return the message; its fields have the names of the .msg file.

        Raises:
            HelmsError: it cannot be decoded.
        """
        try:
            return type_store().deserialize_cdr(self.data, self.kind)
        except Exception as error:
            # rosbags lets through whatever the decoder stumbles over.
            raise HelmsError(
                f"{self.folder}: a message of {self.topic} at {self.stamp_ns} ns cannot be decoded: {error}; "
                f"run `helms bag check {self.folder}`"
            ) from error


class Bag:
    """An open bag.

    Attributes:
        folder: of the bag.
        topics: type and number of messages by topic.
        duration_s: from the first message to the last, s.
    """

    def __init__(self, folder: Path, reader: AnyReader) -> None:
        """Look at an open reader."""
        self.folder, self._reader = folder, reader
        self.topics = {item.topic: (item.msgtype or "", item.msgcount) for item in reader.connections}
        self.duration_s = reader.duration * 1e-9 if reader.message_count else 0.0

    def messages(self, *topics: str) -> Iterator[Message]:
        """Yield the messages of some topics, or of all, in the order of their receipt.

        Raises:
            HelmsError: a file of the bag is torn.
        """
        wanted: list[Connection] = [item for item in self._reader.connections if not topics or item.topic in topics]
        if not wanted:
            return
        try:
            for connection, stamp_ns, data in self._reader.messages(wanted):
                yield Message(connection.topic, connection.msgtype or "", stamp_ns, bytes(data), self.folder)
        except HelmsError:
            raise
        except Exception as error:
            # rosbags raises whatever reading a torn file leads to.
            raise HelmsError(f"{self.folder} is damaged: {error}; run `helms bag check {self.folder}`") from error


@contextmanager
def open_bag(folder: Path) -> Iterator[Bag]:
    """Open a bag.

    Raises:
        HelmsError: it is none, was not closed, or cannot be read; the message says what to do.
    """
    if is_partial(folder):
        raise HelmsError(f"{folder} was not closed; `helms bag check --repair {folder}` makes a whole bag of it")
    if not (folder / METADATA).is_file():
        raise HelmsError(f"{folder} is no bag: it has no {METADATA}; `helms bag check --repair` may get it back")
    try:
        reader = AnyReader([folder], default_typestore=type_store())
        reader.open()
    except (AnyReaderError, OSError, KeyError, TypeError, ValueError) as error:
        raise HelmsError(f"{folder} cannot be read: {error}; run `helms bag check {folder}`") from error
    try:
        yield Bag(folder, reader)
    finally:
        reader.close()
