"""Whether the arm may move: disarmed, armed, stopping, stopped. Only `arm` leads to armed."""

from collections.abc import Iterable
from enum import Enum

from helms_control.safety.errors import SafetyError


class Mode(Enum):
    """The four states."""

    DISARMED = "disarmed"
    """Nothing is published: the arm belongs to somebody else."""
    ARMED = "armed"
    """Commands are carried out."""
    STOPPING = "stopping"
    """The arm brakes."""
    STOPPED = "stopped"
    """The arm is told to stand still."""


class Arming:
    """The state machine.

    Attributes:
        mode: the present state.
        reasons: why it was left last; empty while armed.
    """

    def __init__(self) -> None:
        """Start disarmed."""
        self.mode = Mode.DISARMED
        self.reasons: tuple[str, ...] = ("never armed",)
        self._after = Mode.STOPPED

    def arm(self, hindrances: Iterable[str]) -> None:
        """Let the arm move; does nothing while it is armed.

        Args:
            hindrances: what speaks against it.

        Raises:
            SafetyError: something does, or the arm is still braking; nothing has changed.
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
        """Leave the armed state by braking, and stay stopped; elsewhere the state stays."""
        self._leave(Mode.STOPPED, reasons)

    def disarm(self) -> None:
        """Leave the armed state by braking, or the stopped state, and become disarmed."""
        if self.mode is Mode.STOPPED:
            self.mode = Mode.DISARMED
        elif self.mode is Mode.STOPPING:
            self._after = Mode.DISARMED
        else:
            self._leave(Mode.DISARMED, ("disarmed by hand",))

    def stands(self) -> None:
        """Take note that the command is zero: braking is over."""
        if self.mode is Mode.STOPPING:
            self.mode = self._after

    def _leave(self, after: Mode, reasons: Iterable[str]) -> None:
        if self.mode is Mode.ARMED:
            self.mode, self.reasons, self._after = Mode.STOPPING, tuple(reasons), after
