"""Binary file for writing HDF5 on a disk that may be full."""

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path


class Sink:
    """A binary file for h5py whose errors are stored instead of raised.

    HDF5 crashes the process when it closes a file that it could not write. So the first error is stored here, HDF5
    continues, and the writer checks for it.

    Attributes:
        error: the first one; None for none.
    """

    def __init__(self, path: Path) -> None:
        """Create the file, or empty it, and lock it until it is closed.

        Raises:
            OSError: it cannot be created, or another process has it open.
        """
        self.error: OSError | None = None
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0)
        locked = False
        with suppress(OSError):
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Until it was locked, its former writer may have given it another name.
            locked = os.path.samestat(os.fstat(self._file.fileno()), path.stat())
        if not locked:
            self._file.close()
            raise OSError(errno.EBUSY, "another process is writing it", str(path))
        self._file.truncate(0)

    def write(self, data: memoryview) -> int:
        """Write all data, unless an error occurred."""
        rest = memoryview(data)
        try:
            while rest and self.error is None:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.error = error
        return len(data)

    def read(self, size: int) -> bytes:
        """Return the data, padded with zeros."""
        return self._file.read(size).ljust(size, b"\0")

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set the position."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()

    def truncate(self, size: int) -> int:
        """Set the file's size, unless an error occurred."""
        try:
            self._file.truncate(size)
        except OSError as error:
            self.error = self.error or error
        return size

    def flush(self) -> None:
        """Do nothing: nothing is buffered."""

    def sync(self) -> None:
        """Bring the file onto the disk.

        Raises:
            OSError: the system reports a failed write only now.
        """
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()
