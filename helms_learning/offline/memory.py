"""How the process asks the system for memory."""

import ctypes
import ctypes.util

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3


def keep_memory() -> None:
    """Let the C library keep freed memory instead of giving every large block back at once.

    A training step needs the same few hundred MiB again and again; fetched anew each time, page by page, they cost a
    fifth of the step. Other C libraries than glibc are left alone.
    """
    name = ctypes.util.find_library("c")
    mallopt = getattr(ctypes.CDLL(name), "mallopt", None) if name else None
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, 1 << 30)
        mallopt(_TRIM_THRESHOLD, (1 << 31) - 1)
