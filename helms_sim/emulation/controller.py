"""Joint controller of the emulated Sawyer: modes, timeout and limits of joint commands.

Effect of a command in each mode, and its timeout: Rethink's limb.py and its own simulator (sawyer_gazebo). The
controller moves the joints' set points; the cell's actuators follow them with their lag.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.robot.sawyer import JOINT_NAMES
from helms_control.safety.joints import SAWYER, JointLimits

Array = npt.NDArray[np.float64]

TIMEOUT_S = 0.2
"""Default command timeout, s."""
LONGEST_TIMEOUT_S = 1.0
SPEED_RATIO = 0.3
"""Default share of the joints' largest speeds in position mode."""


class Mode(IntEnum):
    """Modes of a joint command."""

    POSITION = 1
    VELOCITY = 2
    TORQUE = 3
    TRAJECTORY = 4


@dataclass(frozen=True, slots=True)
class JointCommand:
    """One message on joint_command; the mode selects the list.

    Attributes:
        mode: a number of `Mode`.
        names: of joints.
        position: rad, as long as `names`; for positions and trajectories.
        velocity: rad/s, as long as `names`; for velocities.
    """

    mode: int
    names: Sequence[str]
    position: Sequence[float] = ()
    velocity: Sequence[float] = ()


class JointController:
    """Moves the set points of seven joints; all times are in s, of one clock.

    Attributes:
        limits: of the joints.
        mode: current mode; timeout and stop end in position mode.
        wanted: (7,) velocities of the newest command in velocity mode, rad/s, before any limit; zero in other modes.
        velocity: (7,) of the set points, rad/s.
        goal: (7,) angles that position mode leads to, rad.
        timeout_s: after which a velocity lapses.
        speed_ratio: share of the largest speeds in position mode.
        timeouts: number of command timeouts.
        received: number of accepted commands.
    """

    def __init__(self, joints: npt.ArrayLike, limits: JointLimits = SAWYER) -> None:
        """Start by holding these angles (7,), rad."""
        self.limits = limits
        self.timeout_s, self.speed_ratio = TIMEOUT_S, SPEED_RATIO
        self.timeouts = self.received = 0
        self._heard = -math.inf
        self.hold(joints)
        self.velocity = np.zeros(7)

    def hold(self, joints: npt.ArrayLike) -> None:
        """Go to position mode and hold these angles (7,), rad."""
        self.mode = Mode.POSITION
        self.goal: Array = np.clip(np.asarray(joints, np.float64), self.limits.lower, self.limits.upper)
        self.wanted: Array = np.zeros(7)

    def brake(self, joints: npt.ArrayLike) -> None:
        """As `hold`, without deceleration: the brakes have closed."""
        self.hold(joints)
        self.velocity = np.zeros(7)

    def set_timeout(self, seconds: float) -> None:
        """Set the command timeout, clipped to [0, 1] s; NaN is ignored."""
        if not math.isnan(seconds):
            self.timeout_s = min(max(seconds, 0.0), LONGEST_TIMEOUT_S)

    def set_speed_ratio(self, ratio: float) -> None:
        """Set the speed ratio of position mode, clipped to [0, 1]; NaN is ignored."""
        if not math.isnan(ratio):
            self.speed_ratio = min(max(ratio, 0.0), 1.0)

    def command(self, now: float, command: JointCommand) -> None:
        """Receive a command at a time in s; joints that it does not name stand, or keep their goal.

        Raises:
            HelmsError: rejected: an unknown mode, torques, lists of different lengths, numbers that are not finite, or
                no joint of this arm. The previous command stays in force, with its timeout.
        """
        if command.mode not in (Mode.POSITION, Mode.VELOCITY, Mode.TRAJECTORY):
            raise HelmsError(
                f"joint command of mode {command.mode}: carried out are 1 position, 2 velocity, 4 trajectory"
            )
        if command.mode == Mode.VELOCITY:
            self.wanted = _filled(np.zeros(7), command.names, command.velocity, "velocities")
        else:
            goal = _filled(self.goal.copy(), command.names, command.position, "positions")
            self.hold(goal)
        self.mode, self._heard = Mode(command.mode), now
        self.received += 1

    def step(self, now: float, dt: float, joints: Array, reference: Array) -> Array:
        """Return the velocities of the set points for the next `dt`.

        Args:
            now: time, s.
            dt: that the velocities are for, s.
            joints: (7,) measured angles, rad.
            reference: (7,) set points, rad.

        Returns:
            (7,) rad/s, within speed, acceleration and the way to the position limits.
        """
        limits = self.limits
        if self.mode is Mode.VELOCITY and now - self._heard >= self.timeout_s:
            self.hold(joints)
            self.timeouts += 1
        reach = limits.acceleration * dt
        if self.mode is Mode.VELOCITY:
            top, desired = limits.velocity, self.wanted
        else:
            share = 1.0 if self.mode is Mode.TRAJECTORY else self.speed_ratio
            top, way = share * limits.velocity, self.goal - reference
            desired = np.sign(way) * _stopping(np.abs(way), reach, dt)
        desired = np.clip(desired, -top, top)
        desired = np.minimum(desired, _stopping(np.maximum(limits.upper - reference, 0.0), reach, dt))
        desired = np.maximum(desired, -_stopping(np.maximum(reference - limits.lower, 0.0), reach, dt))
        self.velocity = np.clip(desired, self.velocity - reach, self.velocity + reach)
        return self.velocity


def _stopping(way: Array, reach: Array, dt: float) -> Array:
    """Return the largest speeds from which steps of `reach` (rad/s) every `dt` (s) stop within `way` (rad).

    From n steps of speed, whole steps m and a rest, stopping takes (m + 1) (n - m / 2) steps of way.
    """
    steps = way / (reach * dt)
    whole = np.floor(np.sqrt(0.25 + 2.0 * steps) - 0.5)
    return reach * (steps / (whole + 1.0) + 0.5 * whole)


def _filled(values: Array, names: Sequence[str], given: Sequence[float], what: str) -> Array:
    """Return `values` (7,) with those of the named joints replaced; names of other joints are passed over."""
    numbers = np.asarray(given, np.float64)
    if numbers.shape != (len(names),):
        raise HelmsError(f"joint command with {len(names)} names and {numbers.size} {what}; both must be as many")
    if not np.isfinite(numbers).all():
        raise HelmsError(f"joint command with {what} that are not finite: {numbers.tolist()}")
    ours = [
        (JOINT_NAMES.index(name), number) for name, number in zip(names, numbers, strict=True) if name in JOINT_NAMES
    ]
    if not ours:
        raise HelmsError(f"joint command for {list(names)}; this arm has {', '.join(JOINT_NAMES)}")
    for joint, number in ours:
        values[joint] = number
    return values
