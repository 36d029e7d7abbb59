"""When in its period a cycle comes: shortly after the actions do, so that none waits for most of a period."""

LEAD_S = 0.0015
"""How long before its cycle an action should come, s: what it is early or late by, one time or another."""
GAIN = 0.25
"""Share of the error that an action corrects."""
SHIFT_S = 0.0003
"""Largest correction for an action, s; the stream of commands stays even."""


class Phase:
    """Says by how much the next cycle is shifted; it reads no clock.

    Actions come at a divisor of the cycles' rate, from a clock of their own or of another machine: whatever the phase
    between the two is at first, and however they drift apart, a few actions bring it to where it should be.
    """

    def __init__(self, period_s: float) -> None:
        """Begin without an action."""
        self._period = period_s
        self._came: float | None = None

    def hear(self, now: float) -> None:
        """Take note that an action came, s."""
        self._came = now

    def shift(self, began: float) -> float:
        """Return by how much later the next cycle should come than a period after this one.

        Args:
            began: when this cycle began, s.

        Returns:
            s; 0 where no action came since the cycle before.
        """
        came = self._came
        if came is None:
            return 0.0
        self._came = None
        half = 0.5 * self._period
        # Too early by most of a period is too late by the rest.
        late = (began - came - LEAD_S + half) % self._period - half
        return min(max(-GAIN * late, -SHIFT_S), SHIFT_S)
