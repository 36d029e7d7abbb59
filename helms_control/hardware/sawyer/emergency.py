"""Emergency stop: sent to the robot at once, and again until the robot's own state confirms it.

It works without the control loop, its thread and its lock, so that a driver that is broken or hangs still stops the
robot. It ends no earlier than with a confirmation or `release`.
"""

import threading
import time
from collections.abc import Callable

from helms_control.hardware.sawyer.robot_state import Assembly

REPEAT_S = 0.05
"""Period of the repetition, s."""


class EmergencyStop:
    """Sends stops from the caller's thread, then from a thread of its own.

    Attributes:
        sent: stop messages put on the wire since the stop was requested; one that nobody receives does not count.
    """

    def __init__(
        self, send: Callable[[], int], state: Callable[[], Assembly | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Prepare; nothing is sent.

        Args:
            send: sends one stop message and returns the number of receivers; it must not wait.
            state: returns the robot's newest state.
            clock: monotonic time, s; that of the states' stamps.
        """
        self.sent = 0
        self._send, self._state, self._clock = send, state, clock
        self._began: float | None = None
        self._since = 0.0
        self._confirmed: float | None = None
        self._lock, self._over = threading.Lock(), threading.Event()
        self._over.set()
        self._problem = ""

    @property
    def active(self) -> bool:
        """Whether a stop was requested that the robot has not confirmed; nothing else may switch the robot then."""
        return not self._over.is_set()

    def press(self) -> None:
        """Send a stop now, and repeat it until it is confirmed."""
        with self._lock:
            self._over.set()  # of an earlier repetition
            over = self._over = threading.Event()
            self._began = self._since = self._clock()
            self._confirmed, self.sent, self._problem = None, 0, ""
        self._shoot(over)
        threading.Thread(target=self._repeat, args=(over,), name="emergency stop", daemon=True).start()

    def settle(self) -> None:
        """Accept only later states as a confirmation: what was sent before could have undone the stop."""
        self._since = self._clock()

    def release(self) -> None:
        """End the repetition without a confirmation."""
        self._over.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the confirmation, at most so many seconds; return whether it came."""
        return self._over.wait(seconds)

    def __str__(self) -> str:
        """Return what was sent, and what the robot has confirmed; empty before the first stop."""
        if self._began is None:
            return ""
        times = "once" if self.sent == 1 else f"{self.sent} times"
        sent = (
            f"stop sent {times}" if self.sent else f"NO STOP COULD BE SENT: {self._problem}; press the robot's button"
        )
        if self._confirmed is not None:
            return f"{sent}; the robot confirmed it after {self._confirmed - self._began:.2f} s"
        state, end = self._state(), "it is repeated" if self.active else "its repetition was ended"
        if state is None:
            return f"{sent}; the robot has not reported its state yet, so nothing is confirmed; {end}"
        age = self._clock() - state.stamp
        return f"{sent}; not confirmed: the robot's newest state, {age:.2f} s old, is {state}; {end}"

    def _shoot(self, over: threading.Event) -> None:
        try:
            reached = self._send()
            problem = "" if reached else "the robot does not listen to its stop topic"
        except Exception as error:
            # Whatever it is, the repetition must go on.
            reached, problem = 0, f"{type(error).__name__}: {error}"
        with self._lock:
            # An earlier repetition does not count.
            if over is self._over:
                self.sent, self._problem = self.sent + bool(reached), problem

    def _repeat(self, over: threading.Event) -> None:
        while not over.wait(REPEAT_S):
            state = self._state()
            with self._lock:
                if over is not self._over:
                    return
                if state is not None and state.stopped and state.stamp > self._since and self.sent:
                    self._confirmed = self._clock()
                    over.set()
                    return
            self._shoot(over)
