"""Keyboard and gamepad teleoperation: input to a normalised action, zero without input."""

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.spec import ACTION

Array = npt.NDArray[np.float64]

HOLD_S = 0.25
"""Timeout after which a silent key or gamepad counts as released, s; the key repeat of a terminal is faster."""

KEYS = MappingProxyType(
    {
        "w": (0, 1.0),
        "s": (0, -1.0),
        "a": (1, 1.0),
        "d": (1, -1.0),
        "r": (2, 1.0),
        "f": (2, -1.0),
        "q": (3, 1.0),
        "e": (3, -1.0),
        "c": (4, 1.0),
        "o": (4, -1.0),
    }
)
"""Action component and its sign, by key."""

HELP = """w/s forward, back   a/d left, right   r/f up, down   q/e turn   c/o close, open   space: stop   Esc: end"""


class Keyboard:
    """Converts key presses to an action; keys pressed within the hold time add up."""

    def __init__(self, speed: float = 1.0) -> None:
        """Start without a pressed key; `speed` is a fraction of the action range."""
        self._speed = speed
        self._pressed: dict[str, float] = {}

    def press(self, key: str, now: float) -> None:
        """Register a key press at time `now`, s; space releases all keys, unknown keys are ignored."""
        if key == " ":
            self._pressed.clear()
        elif key.lower() in KEYS:
            self._pressed[key.lower()] = now

    def action(self, now: float) -> Array:
        """Return the action (5,) of the keys held at time `now`, s."""
        action = np.zeros(ACTION.size)
        for key, since in self._pressed.items():
            if now - since <= HOLD_S:
                component, sign = KEYS[key]
                action[component] += sign * self._speed
        return np.clip(action, -1.0, 1.0)


class Gamepad:
    """Converts sensor_msgs/Joy to an action: a gamepad, or a SpaceMouse with its `spacenav` node."""

    def __init__(self, axes: Sequence[int], close: int, opening: int, deadman: int, speed: float = 1.0) -> None:
        """Map axes and buttons.

        Args:
            axes: index of the axis for x, y, z velocity and wrist rotation, counted from 1; negative inverts it.
            close: button that closes the fingers, from 0.
            opening: button that opens them, from 0.
            deadman: button that must be held for the arm to move, from 0; -1 for none.
            speed: fraction of the action range at full deflection.

        Raises:
            HelmsError: not four axes, or axis 0.
        """
        if len(axes) != 4 or 0 in axes:
            raise HelmsError(
                f"got joystick axes {list(axes)}; give four, counted from 1 (negative inverts one), such as 2 1 5 4"
            )
        self._axes, self._close, self._open, self._deadman, self._speed = tuple(axes), close, opening, deadman, speed
        self._action, self._heard = np.zeros(ACTION.size), -np.inf

    def hear(self, axes: Sequence[float], buttons: Sequence[int], now: float) -> None:
        """Store the device state at time `now`, s; missing and non-finite values count as released."""
        action = np.zeros(ACTION.size)
        held = {index for index, value in enumerate(buttons) if value}
        if self._deadman < 0 or self._deadman in held:
            for component, axis in enumerate(self._axes):
                value = axes[abs(axis) - 1] if abs(axis) <= len(axes) else 0.0
                action[component] = np.sign(axis) * value * self._speed if np.isfinite(value) else 0.0
            action[4] = (self._close in held) * 1.0 - (self._open in held) * 1.0
        self._action, self._heard = np.clip(action, -1.0, 1.0), now

    def action(self, now: float) -> Array:
        """Return the action (5,) at time `now`, s; zeros after the timeout."""
        return self._action.copy() if now - self._heard <= HOLD_S else np.zeros(ACTION.size)


def axes_of(text: str) -> tuple[int, ...]:
    """Parse "2 1 5 4" as axes.

    Raises:
        HelmsError: not whole numbers.
    """
    try:
        return tuple(int(word) for word in text.replace(",", " ").split())
    except ValueError as error:
        raise HelmsError(f"joystick axes {text!r} are not whole numbers; give four, such as 2 1 5 4") from error
