"""Binary file for writing HDF5 on a disk that may be full."""

import os
from pathlib import Path


class Sink:
    """A binary file for h5py whose errors are stored instead of raised.

    HDF5 crashes the process when it closes a file that it could not write. So the first error is stored here, HDF5
    continues, and the writer checks for it.

    Attributes:
        error: the first one; None for none.
    """

    def __init__(self, path: Path) -> None:
        """Create the file, or empty it.

        Raises:
            OSError: it cannot be created.
        """
        self.error: OSError | None = None
        self._file = path.open("w+b", buffering=0)

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

    def close(self) -> None:
        """Bring the file onto the disk and close it.

        Raises:
            OSError: the system reports a failed write only now.
        """
        with self._file:
            os.fsync(self._file.fileno())
