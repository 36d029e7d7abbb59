"""Schedule of a loop with jobs at several rates; time is an argument."""

from collections import deque

import numpy as np

REMEMBERED = 60_000
"""Number of cycles whose lateness is kept."""


class Pace:
    """Cycles at the highest rate of several jobs.

    Attributes:
        late_s: how late each cycle began, s; the newest ones.
    """

    def __init__(self, now: float) -> None:
        """Start with a cycle that is due at once, and every job with it."""
        self.late_s: deque[float] = deque(maxlen=REMEMBERED)
        self._next, self._period = now, 0.0
        self._due: dict[str, float] = {}

    def wait_s(self, now: float) -> float:
        """Return the time to the next cycle, s."""
        return max(self._next - now, 0.0)

    def begin(self, now: float, rates: dict[str, float]) -> list[str]:
        """Begin a cycle and return the jobs that are due in it.

        Args:
            now: time, s.
            rates: of each job, Hz; jobs whose rate is no divisor of the highest come in the nearest cycle.
        """
        self.late_s.append(now - self._next)
        self._period = 1.0 / max(rates.values())
        self._next = max(self._next + self._period, now)
        jobs = []
        for job, rate in rates.items():
            at = self._due.get(job, now)
            if now >= at - 0.5 * self._period:
                self._due[job] = max(at + 1.0 / rate, now)
                jobs.append(job)
            else:
                # A raised rate takes effect before the end of a long pause.
                self._due[job] = min(at, now + 1.0 / rate)
        return jobs

    def lateness_ms(self) -> tuple[float, float, float]:
        """Return median, 99th percentile and maximum of the lateness, ms; NaN before the first cycle."""
        late = 1e3 * np.array(self.late_s or [np.nan])
        p50, p99 = np.percentile(late, [50.0, 99.0])
        return float(p50), float(p99), float(late.max())
