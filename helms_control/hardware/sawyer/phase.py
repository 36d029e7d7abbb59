"""Phase control of the cycle: shortly after the actions' arrival, so that none waits for most of a period."""

LEAD_S = 0.0015
"""Target time from an action's arrival to its cycle, s: a margin for the jitter of arrivals."""
GAIN = 0.25
"""Fraction of the phase error corrected per action."""
SHIFT_S = 0.0003
"""Largest correction per action, s, to keep the command period even."""


class Phase:
    """Computes the shift of the next cycle; it reads no clock.

    Actions arrive at a divisor of the cycle rate, by another clock: whatever the initial phase and drift between the
    two, the phase converges to the target within some actions.
    """

    def __init__(self, period_s: float) -> None:
        """Begin without an action."""
        self._period = period_s
        self._came: float | None = None

    def hear(self, now: float) -> None:
        """Register the arrival of an action at `now`, s."""
        self._came = now

    def shift(self, began: float) -> float:
        """Return the shift of the next cycle, relative to one period after this one.

        Args:
            began: start of this cycle, s.

        Returns:
            s, positive is later; 0 without an action since the last cycle.
        """
        came = self._came
        if came is None:
            return 0.0
        self._came = None
        half = 0.5 * self._period
        # Wrap the error to half a period.
        late = (began - came - LEAD_S + half) % self._period - half
        return min(max(-GAIN * late, -SHIFT_S), SHIFT_S)
