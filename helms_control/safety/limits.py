"""Thresholds of the safety layer."""

import math
from dataclasses import dataclass, fields

from helms_control.control.workspace import Vector3
from helms_control.safety.errors import SafetyError
from helms_control.safety.joints import SAWYER, JointLimits


@dataclass(frozen=True)
class SafetyLimits:
    """Limits of motion, force and message age; docs/safety.md lists the reaction to each.

    Raises:
        SafetyError: a limit is not a positive finite number, or two contradict each other.
    """

    joints: JointLimits = SAWYER
    """Position, speed and acceleration limits of the joints."""
    joint_margin: float = 0.005
    """Distance kept to each joint position limit, rad; the controller keeps 0.01."""
    speed_share: float = 0.5
    """Fraction of the joints' speed limits that is used, in (0, 1]."""
    acceleration_share: float = 0.5
    """Fraction of the joints' acceleration limits for motion, in (0, 1]; braking uses the full limits."""
    box_lower: Vector3 = (0.455, -0.155, 0.0598)
    """Lowest position of the pinch point, m, base frame: that of start poses and controller workspace, less 1 to 1.5
    cm, the stopping distance from the full 0.07 m/s; the basket's floor is at z = 0.0498."""
    box_upper: Vector3 = (0.745, 0.155, 0.445)
    """Highest position of the pinch point, m, base frame."""
    linear_speed: float = 0.12
    """Largest speed of the pinch point, m/s: actions request up to 0.07, alignment of a tilted tool adds to it."""
    angular_speed: float = 1.2
    """Largest angular speed of the tool, rad/s: an action requests up to 1."""
    tcp_deceleration: float = 1.0
    """Assumed deceleration of the pinch point when braking towards a wall, m/s^2."""
    reaction_s: float = 0.1
    """Reaction time before a command slows the arm, s. The robot's own command timeout must not be longer: when the
    driver dies, the last command stays active for that long. An arm with more lag overshoots a wall; the simulated
    one, with 0.15 s, by less than 5 mm at 0.07 m/s."""
    singular_slow: float = 0.06
    """Smallest singular value of the Jacobian (rows m and rad) below which the speed limits shrink; 99 % of the poses
    in the workspace lie above 0.08."""
    singular_stop: float = 0.02
    """Smallest singular value at which they reach zero."""
    wrist_force: float = 40.0
    """Largest force at the wrist, N, without the tool's weight."""
    action_age_s: float = 0.15
    """Maximum age of an action, s: two missed control periods."""
    state_age_s: float = 0.1
    """Maximum age of the robot state, s: ten missed messages of the robot."""
    object_age_s: float | None = 0.5
    """Maximum age of object poses, s; None for policies without object inputs."""
    cycle_s: float = 0.02
    """Longest cycle period for acceleration limits, s: a longer one permits no larger change of velocity."""

    def __post_init__(self) -> None:
        """Validate every limit."""
        if not isinstance(self.joints, JointLimits):
            raise SafetyError(f"joints must be JointLimits, got {self.joints!r}")
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float | int) and not (math.isfinite(value) and value > 0.0):
                raise SafetyError(f"{field.name} must be a positive finite number, got {value!r}")
            if value is None and field.name != "object_age_s":
                raise SafetyError(f"{field.name} is missing; every limit must be given")
        for name in ("speed_share", "acceleration_share"):
            if getattr(self, name) > 1.0:
                raise SafetyError(f"{name} must be in (0, 1], got {getattr(self, name)!r}")
        _require_order("box_lower", self.box_lower, "box_upper", self.box_upper)
        _require_order("singular_stop", (self.singular_stop,), "singular_slow", (self.singular_slow,))
        _require_order("cycle_s", (self.cycle_s,), "reaction_s", (self.reaction_s,))
        if (self.joints.upper - self.joints.lower).min() <= 2.0 * self.joint_margin:
            raise SafetyError(f"joint_margin {self.joint_margin!r} rad leaves a joint no room; choose a smaller one")


def _require_order(low_name: str, low: tuple[float, ...], high_name: str, high: tuple[float, ...]) -> None:
    """Refuse a lower limit that is not below its upper limit; NaN is never below."""
    if (
        len(low) != len(high)
        or not all(a < b for a, b in zip(low, high, strict=False))
        or not all(map(math.isfinite, low + high))
    ):
        raise SafetyError(f"{low_name} must be below {high_name}, got {low} and {high}")
