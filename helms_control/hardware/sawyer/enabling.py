"""Enabling, disabling and resetting the robot, as Rethink's RobotEnable does it, one state at a time.

A request is repeated until the robot's state shows that it was followed. Source: intera_interface, robot_enable.py.
"""

from enum import StrEnum

from helms_control.hardware.sawyer.robot_state import PRESSED, Assembly

SECONDS = 5.0
"""Timeout of each request, s."""


class Request(StrEnum):
    """Power requests to the robot."""

    ENABLE = "enable"
    DISABLE = "disable"
    RESET = "reset"


class Procedure:
    """State machine of one request.

    Attributes:
        goal: the request.
        done: whether it is over.
        failure: why it failed; empty otherwise.
    """

    def __init__(self, goal: Request, now: float) -> None:
        """Begin at `now`, s."""
        self.goal, self.done, self.failure = goal, False, ""
        self._phase: Request | None = None
        self._until = now + SECONDS

    def step(self, now: float, assembly: Assembly | None) -> Request | None:
        """Return the request to send in this cycle, from the robot's newest state; None for none.

        Args:
            now: time, s.
            assembly: newest state; None before the first.
        """
        if self.done:
            return None
        request = self._next(assembly)
        if request is not None and request != self._phase:
            self._phase, self._until = request, now + SECONDS
        if not self.done and now > self._until:
            self._fail(f"the robot did not follow within {SECONDS:g} s; it is {assembly or 'silent'}")
        return None if self.done else request

    def _next(self, assembly: Assembly | None) -> Request | None:
        if assembly is None:
            return None
        match self.goal:
            case Request.DISABLE:
                return self._until_so(not assembly.enabled, Request.DISABLE)
            case Request.RESET:
                return self._reset(assembly)
            case _:
                resetting = self._phase is Request.RESET and not assembly.clear
                # A fault without a stop needs a reset, too; otherwise the robot would be enabled with the fault.
                if assembly.stopped or assembly.error or resetting:
                    return None if self._pressed(assembly) else Request.RESET
                return self._until_so(assembly.enabled, Request.ENABLE)

    def _reset(self, assembly: Assembly) -> Request | None:
        return None if self._pressed(assembly) else self._until_so(assembly.clear, Request.RESET)

    def _pressed(self, assembly: Assembly) -> bool:
        if assembly.estop_button == PRESSED:
            self._fail("the emergency stop button is pressed; release it first")
        return self.done

    def _until_so(self, reached: bool, request: Request) -> Request | None:
        self.done = self.done or reached
        return None if reached else request

    def _fail(self, reason: str) -> None:
        self.done, self.failure = True, f"{self.goal}: {reason}"
