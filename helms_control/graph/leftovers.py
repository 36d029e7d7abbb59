"""Removal of the shared memory of killed processes, by the same lock test that Fast DDS uses."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path("/dev/shm")
_LOCKS = ("_el", "_sl")


def clean_shared_memory(folder: Path = FOLDER) -> int:
    """Delete Fast DDS segments and ports without a living owner; return the number of deleted files.

    Each has a lock file, which its owner keeps locked while it lives.
    """
    gone = 0
    for lock in [path for path in folder.glob("fastdds_*") if path.name.endswith(_LOCKS)]:
        if _abandoned(lock):
            for path in (*_parts(lock), lock):
                path.unlink(missing_ok=True)
                gone += 1
    # A port whose first owner was killed has no lock file left when its last owner exits.
    for port in [path for path in folder.glob("fastdds_port*") if path.name.removeprefix("fastdds_port").isdigit()]:
        if not any(port.with_name(port.name + suffix).exists() for suffix in _LOCKS):
            for path in filter(Path.exists, (port, port.with_name(f"sem.{port.name}_mutex"))):
                path.unlink(missing_ok=True)
                gone += 1
    return gone


def _parts(lock: Path) -> Iterator[Path]:
    name = lock.name[:-3]
    yield from (path for path in (lock.with_name(name), lock.with_name(f"sem.{name}_mutex")) if path.exists())


def _abandoned(lock: Path) -> bool:
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
