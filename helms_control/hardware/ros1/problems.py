"""One place for what goes wrong in the background: counted, logged, handed to whoever wants to know."""

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
    """A peer does not speak the protocol."""
    UNREACHABLE = "unreachable"
    """A peer does not answer, or went away."""
    MASTER = "master"
    """The master does not answer, forgot this node, or gave its name to another."""
    CROWDED = "crowded"
    """More connections than are served."""
    CALLBACK = "callback"
    """A callback or a service's handler raised."""


class Problems:
    """Counts problems by kind; a text that repeats itself is counted, but told only once.

    Attributes:
        counts: how often each kind was met.
        last: newest text by kind.
    """

    def __init__(self, on_problem: Callable[[Problem, str], None] | None = None) -> None:
        """Start empty.

        Args:
            on_problem: called with kind and text from a background thread; it must not wait.
        """
        self.counts: Counter[Problem] = Counter()
        self.last: dict[Problem, str] = {}
        self._on_problem = on_problem
        self._lock = threading.Lock()

    def report(self, kind: Problem, text: str) -> None:
        """Count a problem; log it and hand it on unless it is the newest of its kind again."""
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
            # Whatever the caller's code raises must not end the thread that met the problem.
            LOG.exception("on_problem raised")

    def forget(self, kind: Problem) -> None:
        """Tell the next problem of a kind even if it is the same again: in between all was well."""
        with self._lock:
            self.last.pop(kind, None)


def describe(error: BaseException) -> str:
    """Return an exception's type, text and place."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
