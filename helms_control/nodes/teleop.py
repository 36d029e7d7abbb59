"""Teleoperation node: actions from a keyboard or gamepad."""

import sys
import time
from dataclasses import dataclass

from sensor_msgs.msg import Joy

from helms_control.errors import HelmsError
from helms_control.nodes import qos
from helms_control.nodes.convert import doubles, follow
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.parameters import setting
from helms_control.nodes.terminal import Terminal
from helms_control.teleop import HELP, Gamepad, Keyboard, axes_of
from helms_msgs.msg import Action, Observation

READ_S = 0.02
ESCAPE = "\x1b"


@dataclass(frozen=True)
class TeleopSettings:
    """Parameters of teleoperation."""

    source: str = setting("keyboard", "Input device: the keyboard, or the topic joy.", choices=("keyboard", "joy"))
    speed: float = setting(1.0, "Fraction of the action range at full input.", 0.05, 1.0)
    axes: str = setting("2 1 5 4", "Axes of joy for x, y, z and wrist, counted from 1; negative inverts an axis.")
    close: int = setting(0, "Button of joy that closes the fingers, counted from 0.", 0, 63)
    open: int = setting(1, "Button of joy that opens the fingers, counted from 0.", 0, 63)
    deadman: int = setting(-1, "Button of joy that must be held for motion, counted from 0; -1 for none.", -1, 63)
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")


class TeleopNode(ManagedNode):
    """Answers each observation with the current input; without input the action is zero."""

    SETTINGS = TeleopSettings

    def prepare(self) -> None:
        """Open the keyboard or subscribe to the gamepad."""
        s: TeleopSettings = self.settings
        self._action = self.speak(Action, "action", qos.SAID, needed=True)
        self.listen(Observation, "observation", self._on_observation)
        self._terminal: Terminal | None = None
        self._device: Keyboard | Gamepad
        if s.source == "keyboard":
            if not sys.stdin.isatty():
                raise HelmsError(
                    "teleop has no keyboard: its standard input is no terminal. Run it in a terminal of its own, "
                    "`ros2 run helms teleop`, or use source joy"
                )
            self._device, self._terminal = Keyboard(s.speed), Terminal()
            self.every(READ_S, self._read)
            print(HELP, file=sys.stderr)
        else:
            self._device = Gamepad(axes_of(s.axes), s.close, s.open, s.deadman, s.speed)
            self.listen(Joy, "joy", self._on_joy)

    def release(self) -> None:
        """Restore the terminal."""
        if self._terminal is not None:
            self._terminal.close()

    def _on_observation(self, observation: Observation) -> None:
        if not observation.last:
            action = self._device.action(time.monotonic())
            self._action.publish(follow(Action(), observation, action=doubles(action)))

    def _on_joy(self, joy: Joy) -> None:
        if isinstance(self._device, Gamepad):
            self._device.hear(joy.axes, joy.buttons, time.monotonic())

    def _read(self) -> None:
        if self._terminal is None or not isinstance(self._device, Keyboard):
            return
        for key in self._terminal.pressed():
            if key == ESCAPE:
                self.exit_code = 0
            self._device.press(key, time.monotonic())
