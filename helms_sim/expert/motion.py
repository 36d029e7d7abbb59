"""Motions of the tool: generators of one normalised action for each control step until arrival."""

from collections.abc import Generator

import numpy as np
import numpy.typing as npt

from helms_control.robot import gripper
from helms_control.spec import ACTION
from helms_sim.expert.view import View

Array = npt.NDArray[np.float64]
Actions = Generator[Array, None, bool]
"""Yields actions (5,) in [-1, 1]; returns whether it arrived."""

STILL = np.zeros(ACTION.size)
"""Zero action: tool and fingers stand still."""
GAIN = 6.0
"""Proportional gain of the position, 1/s."""
TURN_GAIN = 4.0
"""Proportional gain of the yaw, 1/s."""


def steer(view: View, target: Array, yaw: float, fingers: float = 0.0) -> Array:
    """One action towards a pose of the pinch point.

    Args:
        view: the cell.
        target: (3,) m, base frame.
        yaw: rotation of the tool about base +z, rad.
        fingers: -1 opens, 0 holds, 1 closes.

    Returns:
        (5,) normalised action.
    """
    velocity = GAIN * (target - view.pinch)
    speed = float(np.linalg.norm(velocity))
    limit = float(ACTION.high[0])
    velocity *= min(1.0, limit / speed) / limit if speed > 0.0 else 0.0
    turn = np.clip(TURN_GAIN * wrapped(yaw - view.yaw) / ACTION.high[3], -1.0, 1.0)
    return np.array([*velocity, turn, fingers])


def wrapped(angle: float) -> float:
    """An angle in [-pi, pi)."""
    return float((angle + np.pi) % (2.0 * np.pi) - np.pi)


def opening_command(view: View, opening: float) -> float:
    """Finger command, -1, 0 or 1, that brings the fingertips `opening` (m) apart."""
    error = gripper.tics(opening) - view.finger_target
    return 0.0 if abs(error) < 7.0 else float(np.sign(error))


def go(
    view: View,
    target: Array,
    yaw: float,
    opening: float | None = None,
    closed: bool = False,
    tolerance: float = 0.004,
    turn_tolerance: float = 0.04,
    patience: int = 160,
) -> Actions:
    """Move the pinch point to a pose.

    Args:
        view: the cell.
        target: (3,) m, base frame.
        yaw: rad.
        opening: distance to bring the fingertips to on the way, m; None leaves them.
        closed: keep closing, to hold an object; the motion ends when it is lost.
        tolerance: of the position, m.
        turn_tolerance: of the yaw, rad.
        patience: largest number of control steps.
    """
    lost = 0
    for _ in range(patience):
        fingers = 1.0 if closed else 0.0 if opening is None else opening_command(view, opening)
        lost = lost + 1 if closed and not view.grasp else 0
        if lost >= 4:
            return False
        near = float(np.linalg.norm(target - view.pinch)) < tolerance
        if near and abs(wrapped(yaw - view.yaw)) < turn_tolerance and (opening is None or fingers == 0.0):
            return True
        yield steer(view, target, yaw, fingers)
    return False


def squeeze(view: View, patience: int = 26) -> Actions:
    """Close the fingers until both have contact for three steps, or they meet."""
    target, yaw, pressed = view.pinch, view.yaw, 0
    for _ in range(patience):
        yield steer(view, target, yaw, 1.0)
        pressed = pressed + 1 if view.grasp else 0
        if pressed >= 3:
            return True
    return False


def release(view: View, opening: float, patience: int = 20) -> Actions:
    """Open the fingers."""
    target, yaw = view.pinch, view.yaw
    for _ in range(patience):
        fingers = opening_command(view, opening)
        if fingers == 0.0:
            return True
        yield steer(view, target, yaw, min(fingers, 0.0) or -1.0)
    return True


def wait(view: View, steps: int, fingers: float = 0.0) -> Actions:
    """Hold still."""
    target, yaw = view.pinch, view.yaw
    for _ in range(steps):
        yield steer(view, target, yaw, fingers)
    return True
