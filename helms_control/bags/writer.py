"""Crash-safe writing of a bag.

While it is recorded it is called NAME.partial; its files have their names from the start. The metadata.yaml that makes
it a bag is written last, then it gets its name.
"""

import contextlib
import os
from pathlib import Path

from helms_control.bags.layout import MCAP, next_number, partial_of
from helms_control.bags.mcap_file import McapFile
from helms_control.bags.metadata import NothingRecordedError, finish
from helms_control.bags.repair import repair_files
from helms_control.durable import sync_folder
from helms_control.errors import HelmsError

MIB = 2**20


class BagWriter:
    """Writes serialised messages into a bag of several files.

    Attributes:
        folder: of the bag, once it is closed.
    """

    def __init__(self, folder: Path, split_bytes: int = 512 * MIB, resume: bool = False) -> None:
        """Open a bag.

        Args:
            folder: to make; it must not exist.
            split_bytes: at the end of an episode beyond this size a new file begins, in its middle beyond twice that.
            resume: continue an unfinished recording instead of refusing.

        Raises:
            HelmsError: the folder exists, an unfinished recording is there and `resume` is not set or its writer is
                still running, or the disk refuses.
        """
        self.folder, self._split = folder, split_bytes
        self._partial = partial_of(folder)
        self._file: McapFile | None = None
        self._closed = False
        if folder.exists():
            raise HelmsError(f"{folder} exists already; name another bag, or move that one away")
        if self._partial.exists() and not resume:
            raise HelmsError(
                f"{self._partial} is an unfinished recording; run `helms bag check --repair {self._partial}` first"
            )
        try:
            if self._partial.exists():
                repair_files(self._partial)
            self._partial.mkdir(parents=True, exist_ok=True)
            sync_folder(self._partial.parent)
            if not os.access(self._partial, os.W_OK):
                raise PermissionError(13, "Permission denied")
        except OSError as error:
            raise HelmsError(
                f"cannot make {self._partial}: {error.strerror}; name a folder that can be written"
            ) from error

    def write(self, topic: str, kind: str, stamp_ns: int, message: bytes) -> None:
        """Append a message.

        Args:
            topic: full name.
            kind: type, such as helms_msgs/msg/Action.
            stamp_ns: time of receipt, ns since the epoch.
            message: serialised, CDR.

        Raises:
            HelmsError: the bag is closed or the disk refuses.
        """
        if self._closed:
            raise HelmsError(f"{self.folder} is closed; nothing more can be written to it")
        try:
            if self._file is not None and self._file.bytes > 2 * self._split:
                self._close_file()
            if self._file is None:
                self._file = McapFile(self._next_path())
            self._file.write(topic, kind, stamp_ns, message)
        except OSError as error:
            raise self._refused(error) from error

    def episode_finished(self) -> None:
        """Flush to disk; a file beyond the split size is closed.

        Raises:
            HelmsError: the disk refuses.
        """
        try:
            if self._file is not None and self._file.bytes > self._split:
                self._close_file()
        except OSError as error:
            raise self._refused(error) from error
        self.flush()

    def flush(self) -> None:
        """Flush to disk.

        Raises:
            HelmsError: the disk refuses.
        """
        try:
            if self._file is not None:
                self._file.flush()
        except OSError as error:
            raise self._refused(error) from error

    def close(self) -> Path:
        """Close the bag and give it its name.

        Returns:
            The folder of the bag.

        Raises:
            HelmsError: nothing was written, and nothing is left; or the disk refuses, and what was written stays in
                NAME.partial.
        """
        self._closed = True
        try:
            self._close_file()
            finish(self._partial, self.folder)
        except NothingRecordedError as error:
            with contextlib.suppress(OSError):
                self._partial.rmdir()  # stays where it is not empty
            raise HelmsError(f"nothing was published while {self.folder} was recorded; no bag was written") from error
        except OSError as error:
            raise self._refused(error) from error
        return self.folder

    def abort(self) -> None:
        """Stop writing; what was written stays in NAME.partial, for `helms bag check --repair`."""
        self._closed = True
        if self._file is not None:
            file, self._file = self._file, None
            file.abort()

    def _next_path(self) -> Path:
        name = self.folder.name
        return self._partial / f"{name}_{next_number(self._partial, name)}{MCAP}"

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _refused(self, error: OSError) -> HelmsError:
        with contextlib.suppress(OSError):
            self.abort()
        return HelmsError(
            f"writing {self._partial} failed: {error.strerror or error}; what was finished is kept: make room, then "
            f"run `helms bag check --repair {self._partial}`"
        )
