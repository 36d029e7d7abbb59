"""Starting and joining threads."""

import threading
from collections.abc import Callable, Iterable


def start(name: str, target: Callable[[], None]) -> threading.Thread:
    """Start a daemon thread."""
    thread = threading.Thread(target=target, name=f"ros1-{name}", daemon=True)
    thread.start()
    return thread


def join(threads: Iterable[threading.Thread], seconds: float) -> bool:
    """Join threads, except the caller's own.

    Args:
        threads: to join.
        seconds: timeout for each, s.

    Returns:
        Whether all have ended.
    """
    others = [thread for thread in threads if thread is not threading.current_thread()]
    for thread in others:
        thread.join(seconds)
    return not any(thread.is_alive() for thread in others)
