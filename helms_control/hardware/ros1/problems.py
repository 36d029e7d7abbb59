"""Errors of background threads: counted, logged and passed to a callback."""

import logging
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

LOG = logging.getLogger(__name__)


class Problem(StrEnum):
    """Kinds of problems."""

    REFUSED = "refused"
    """Types or md5 sums differ, or a peer refuses."""
    MALFORMED = "malformed"
    """A peer violates the protocol."""
    UNREACHABLE = "unreachable"
    """A peer does not answer, or went away."""
    MASTER = "master"
    """The master does not answer, was restarted, or gave this node's name to another."""
    CROWDED = "crowded"
    """More connections than the limit."""
    CALLBACK = "callback"
    """A callback or a service's handler raised."""


class Problems:
    """Counts problems by kind; a repeated text is counted, but reported only once.

    Attributes:
        counts: number of problems by kind.
        last: newest text by kind.
    """

    def __init__(self, on_problem: Callable[[Problem, str], None] | None = None) -> None:
        """Start empty.

        Args:
            on_problem: called with kind and text from a background thread; it must not block.
        """
        self.counts: Counter[Problem] = Counter()
        self.last: dict[Problem, str] = {}
        self._on_problem = on_problem
        self._lock = threading.Lock()

    def report(self, kind: Problem, text: str) -> None:
        """Count a problem; log and report it, unless it repeats the last one of its kind."""
        with self._lock:
            self.counts[kind] += 1
            if self.last.get(kind) == text:
                return
            self.last[kind] = text
        LOG.warning("%s: %s", kind, text)
        if self._on_problem is None:
            return
        try:
            self._on_problem(kind, text)
        except Exception:
            # An exception of the callback must not end the reporting thread.
            LOG.exception("on_problem raised")

    def forget(self, kind: Problem) -> None:
        """Report the next problem of a kind even if it repeats the last one: it was resolved in between."""
        with self._lock:
            self.last.pop(kind, None)


def describe(error: BaseException) -> str:
    """Return an exception's type, text and place."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
