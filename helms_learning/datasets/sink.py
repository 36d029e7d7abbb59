"""The file under an HDF5 file that is being written, for disks that may be full."""

import os
from pathlib import Path


class Sink:
    """A binary file for h5py that never fails, and remembers that it should have.

    HDF5 cannot close a file that it could not write: the process crashes, with the error untold and the half-written
    file left behind. So the first error is kept here, HDF5 goes on as if nothing had happened, and the writer asks.

    Attributes:
        error: the first one; None while all is well.
    """

    def __init__(self, path: Path) -> None:
        """Make the file, or empty it.

        Raises:
            OSError: it cannot be made.
        """
        self.error: OSError | None = None
        self._file = path.open("w+b", buffering=0)

    def write(self, data: memoryview) -> int:
        """Write everything, where that is possible."""
        rest = memoryview(data)
        try:
            while rest and self.error is None:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.error = error
        return len(data)

    def read(self, size: int) -> bytes:
        """Return what is there; zeros beyond."""
        return self._file.read(size).ljust(size, b"\0")

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go somewhere."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return where that is."""
        return self._file.tell()

    def truncate(self, size: int) -> int:
        """Cut or lengthen the file, where that is possible."""
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
            OSError: the system noticed only now that something was not written.
        """
        with self._file:
            os.fsync(self._file.fileno())
