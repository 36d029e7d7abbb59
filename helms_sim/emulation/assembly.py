"""Power state of the emulated Sawyer: enable, stop, reset, button, errors.

Meaning of the fields: comments of intera_core_msgs/RobotAssemblyState. What stop and reset do: Rethink's
robot_enable.py and its own simulator (sawyer_gazebo).
"""

from enum import IntEnum


class Button(IntEnum):
    """The emergency stop button, as the robot reports it."""

    UNPRESSED = 0
    PRESSED = 1
    UNKNOWN = 2
    """Stopped by something else."""
    RELEASED = 3
    """No longer pressed, but the robot is still stopped."""


class Source(IntEnum):
    """What stopped the robot."""

    NONE = 0
    USER = 1
    UNKNOWN = 2
    FAULT = 3
    ENGINE = 4


class Assembly:
    """The robot's power state; all times are in s, of one clock.

    Attributes:
        homed: whether the joints are homed.
        enabled: whether the motors are on.
        stopped: whether it is stopped until a reset.
        error: whether a part reports a fault.
        button: the emergency stop button.
        source: what stopped it.
        enable_s: time that it takes to switch the motors on, s.
    """

    def __init__(self, enable_s: float = 0.3) -> None:
        """Start enabled."""
        self.homed = self.enabled = True
        self.stopped = self.error = False
        self.button, self.source = Button.UNPRESSED, Source.NONE
        self.enable_s = enable_s
        self._wanted: float | None = None
        self._lasting = False

    @property
    def ready(self) -> bool:
        """Whether it is enabled and homed."""
        return self.enabled and self.homed

    def step(self, now: float) -> None:
        """Advance the time: complete a pending enable."""
        if self._wanted is not None and now - self._wanted >= self.enable_s:
            self.enabled, self._wanted = True, None

    def enable(self, now: float, wanted: bool) -> None:
        """Switch the motors on or off; a stopped robot stays off, and asking again does not take longer."""
        if not wanted:
            self.enabled, self._wanted = False, None
        elif not self.stopped and not self.enabled and self._wanted is None:
            self._wanted = now

    def stop(self) -> None:
        """Stop by software; a robot that is stopped already stays as it is."""
        if not self.stopped:
            self._halt(Button.UNKNOWN, Source.UNKNOWN)

    def reset(self) -> None:
        """Clear what stopped it and leave the motors off; refused while the button is pressed."""
        if self.button is Button.PRESSED:
            return
        self.enabled = self.stopped = False
        self.error = self._lasting
        self._wanted = None
        self.button, self.source = Button.UNPRESSED, Source.NONE

    def press(self) -> None:
        """Press the emergency stop button."""
        self._halt(Button.PRESSED, Source.USER)

    def release(self) -> None:
        """Release the button; the robot stays stopped until a reset."""
        if self.button is Button.PRESSED:
            self.button = Button.RELEASED

    def fault(self) -> None:
        """Inject a joint error: the robot stops, and the error outlasts resets until `repair`."""
        self._halt(self.button if self.button is Button.PRESSED else Button.UNKNOWN, Source.FAULT)
        self.error = self._lasting = True

    def repair(self) -> None:
        """Remove the fault; its error stays until a reset."""
        self._lasting = False

    def _halt(self, button: Button, source: Source) -> None:
        self.enabled, self.stopped = False, True
        self._wanted = None
        self.button, self.source = button, source
