"""What both ways to the 2F-85 share: what is known of it, and what is written for each status."""

import threading
from collections.abc import Callable
from dataclasses import replace

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.base import GripperStatus
from helms_control.hardware.gripper.problems import Problem
from helms_control.hardware.gripper.pursuit import Pursuit, PursuitConfig
from helms_control.hardware.gripper.registers import ACTIVATED, CommandBytes, ObjectDetection, StatusBytes

STANDING_S = 0.5
"""Time after which fingers that stand while gOBJ says moving count as blocked, s; the slowest would move 30 counts."""
NEAR = 4
"""Distance to the request within which they may stand, counts (1.3 mm)."""
_POLL_S = 0.02


class TwoFinger:
    """A `Gripper` without `start` and `close`: a transport hands each status to `hear` and writes what it returns.

    Attributes:
        activating: an activation was asked for and is not complete.
        trouble: why no status comes in, if none does; set by the transport.
    """

    def __init__(self, config: PursuitConfig, clock: Callable[[], float]) -> None:
        """Start with nothing known.

        Args:
            config: how the fingers are moved.
            clock: monotonic time, s.
        """
        self.activating, self.trouble = False, "not connected yet"
        self._motion, self._clock, self._quit = config, clock, threading.Event()
        # Each is replaced whole by the thread that hears and read by others: no lock, nobody waits.
        self._status: GripperStatus | None = None
        self._pursuit = Pursuit(config)
        self._written: CommandBytes | None = None
        self._reset, self._started = False, False
        self._place, self._since = -1, 0.0

    def activate(self, timeout_s: float = 10.0) -> None:
        """See `Gripper.activate`; a gripper that is ready stays as it is, whoever activated it.

        Raises:
            HelmsError: it did not become ready in time, or holds something.
        """
        deadline = self._clock() + timeout_s
        try:
            while not self._is_ready():
                if not self.activating and self.fresh(self._clock()):
                    if self._grasps():
                        raise HelmsError(f"the gripper is not activated: {self.problem()}. {Problem.HOLDING}")
                    self.activating = True
                if self._clock() >= deadline or self._quit.wait(_POLL_S):
                    raise HelmsError(f"the gripper is not ready after {timeout_s:g} s: {self.problem()}")
        finally:
            self.activating = False

    def command(self, speed: float) -> None:
        """See `Gripper.command`; only the sign of the speed counts, as in the simulated cell."""
        self._pursuit.command(speed, self._clock())

    def status(self) -> GripperStatus | None:
        """See `Gripper.status`; one that is not fresh says why no other comes in."""
        status = self._status
        return status if status is None or self.fresh(self._clock()) else replace(status, problem=self.trouble)

    def fresh(self, now: float) -> bool:
        """See `Gripper.fresh`."""
        status = self._status
        return status is not None and now - status.stamp <= self._motion.stale_s

    def problem(self) -> str:
        """Return the message about connection or gripper; empty if nothing is wrong."""
        status = self.status()
        return self.trouble if status is None else status.problem

    def hear(self, read: StatusBytes, stamp: float) -> CommandBytes | None:
        """Take a status that was read at a time in s; return what to write for it, None for nothing."""
        before, calibration = self._status, self._motion.calibration
        if not self.fresh(stamp):
            # Nothing from before a silence is carried on: neither command nor target.
            self._pursuit, self._written = Pursuit(self._motion), None
        position = calibration.tics(read.position)
        velocity = (position - before.position) / (stamp - before.stamp) if before and stamp > before.stamp else 0.0
        standing = self._stands(read, stamp)
        problem = read.problem or (Problem.STANDING if standing else "")
        ready = read.ready and not standing
        # The manual: without the go bit, gOBJ means nothing.
        detection = read.detection if read.going else ObjectDetection.AT_REQUEST
        self._status = GripperStatus(stamp, position, velocity, detection, read.current, ready, problem)
        answer = self._answer(read, ready)
        # A command that got lost on its way is not echoed, and written again.
        again = answer is not None and (answer != self._written or not answer.echoed(read))
        self._written = answer
        return answer if again else None

    def _answer(self, read: StatusBytes, ready: bool) -> CommandBytes | None:
        """Decide what the registers should hold; None to leave them alone."""
        if not self.activating:
            self._reset = False
        if ready:
            self.activating = False
            answer = self._pursuit.follow(read, self._clock())
            self._started = self._started or answer is not None
            return answer
        self._pursuit = Pursuit(self._motion)
        if self.activating and read.problem != Problem.HOT:
            # The bit must fall before it rises: that clears a fault, and a gripper that lost its power kept neither.
            self._reset = self._reset or not read.active
            self._started = self._reset
            return CommandBytes(activate=self._reset)
        self._started = self._started and read.active
        # An activation that nobody waits for: its time is over, or a write met a gripper that had just lost its power.
        return CommandBytes(activate=False) if self._started and read.state != ACTIVATED else None

    def _stands(self, read: StatusBytes, now: float) -> bool:
        """Whether the fingers have stood for long although they are said to move."""
        moving = read.going and read.detection is ObjectDetection.MOVING and abs(read.requested - read.position) > NEAR
        if not moving or not read.ready or abs(read.position - self._place) > 1:
            self._place, self._since = read.position, now
        return now - self._since >= STANDING_S

    def _is_ready(self) -> bool:
        status = self._status
        return status is not None and status.ready and self.fresh(self._clock())

    def _grasps(self) -> bool:
        return self._status is not None and self._status.grasp
