"""Heartbeat watchdog."""

import time
from collections import Counter
from collections.abc import Iterable

from helms_msgs.msg import Heartbeat


class Guard:
    """Keeps the last heartbeat of each watched node."""

    def __init__(self, names: Iterable[str], lease_s: float) -> None:
        """Watch nodes.

        Args:
            names: of the nodes, without namespace.
            lease_s: timeout after which a node counts as gone, s.
        """
        self._lease_s = lease_s
        self._beats: dict[str, Heartbeat] = {}
        self._heard: dict[str, tuple[float, str]] = {name: (0.0, "it never started") for name in names if name}

    def hear(self, beat: Heartbeat) -> None:
        """Receive a heartbeat; those of other nodes are ignored."""
        if beat.node in self._heard:
            self._beats[beat.node] = beat
            self._heard[beat.node] = (time.monotonic(), "" if beat.ready else f"it waits for {beat.waiting_for}")

    def missing(self) -> str:
        """Return which nodes are gone or not ready, and why; empty if none."""
        now = time.monotonic()
        return "; ".join(
            f"{name} is silent" if heard and now - heard > self._lease_s else f"{name} is not ready: {why}"
            for name, (heard, why) in self._heard.items()
            if why or now - heard > self._lease_s
        )

    def apart(self) -> str:
        """Return a topic that is not yet matched with all its watched subscribers; empty if none.

        Discovery matches subscribers one after another; the others lose what is published meanwhile.
        """
        expected = Counter(topic for beat in self._beats.values() for topic in beat.hears)
        for beat in self._beats.values():
            for topic, reach in zip(beat.says, beat.reach, strict=True):
                if reach < expected[topic]:
                    return f"{topic} of {beat.node} reaches {reach} of {expected[topic]} listeners"
        return ""


def names_of(text: str) -> tuple[str, ...]:
    """Split a parameter such as "recorder, episode_manager" into names."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
