"""State machine of arming: disarmed, armed, stopping, stopped. Only `arm` leads to armed."""

from collections.abc import Iterable
from enum import Enum

from helms_control.safety.errors import SafetyError


class Mode(Enum):
    """The four states."""

    DISARMED = "disarmed"
    """Nothing is published; another controller may move the arm."""
    ARMED = "armed"
    """Requested velocities are sent, within the limits."""
    STOPPING = "stopping"
    """The arm brakes."""
    STOPPED = "stopped"
    """Zero velocity is published."""


class Arming:
    """State machine of arming.

    Attributes:
        mode: the present state.
        reasons: why the armed state was left last; empty while armed.
    """

    def __init__(self) -> None:
        """Start disarmed."""
        self.mode = Mode.DISARMED
        self.reasons: tuple[str, ...] = ("never armed",)
        self._after = Mode.STOPPED

    def arm(self, hindrances: Iterable[str]) -> None:
        """Enter the armed state; no effect while armed.

        Args:
            hindrances: reasons not to arm.

        Raises:
            SafetyError: there is a hindrance, or the arm is still braking; the state is unchanged.
        """
        if self.mode is Mode.ARMED:
            return
        against = [*hindrances, *(["the arm is still braking"] if self.mode is Mode.STOPPING else [])]
        if against:
            raise SafetyError(
                f"the robot cannot be armed: {'; '.join(against)}. It was left {self.mode.value} by: "
                f"{'; '.join(self.reasons)}. Clear every cause, then arm again."
            )
        self.mode, self.reasons = Mode.ARMED, ()

    def stop(self, reasons: Iterable[str]) -> None:
        """Leave the armed state: brake, then stay stopped; no effect in other states."""
        self._leave(Mode.STOPPED, reasons)

    def disarm(self) -> None:
        """Become disarmed: after braking from armed, at once from stopped."""
        if self.mode is Mode.STOPPED:
            self.mode = Mode.DISARMED
        elif self.mode is Mode.STOPPING:
            self._after = Mode.DISARMED
        else:
            self._leave(Mode.DISARMED, ("disarmed by hand",))

    def stands(self) -> None:
        """Report that the command is zero: braking is over."""
        if self.mode is Mode.STOPPING:
            self.mode = self._after

    def _leave(self, after: Mode, reasons: Iterable[str]) -> None:
        if self.mode is Mode.ARMED:
            self.mode, self.reasons, self._after = Mode.STOPPING, tuple(reasons), after
