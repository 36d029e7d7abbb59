"""Every threshold of the safety layer in one place."""

import math
from dataclasses import dataclass, fields

from helms_control.control.workspace import Vector3
from helms_control.safety.errors import SafetyError
from helms_control.safety.joints import SAWYER, JointLimits


@dataclass(frozen=True)
class SafetyLimits:
    """What the robot may do; docs/safety.md says what happens beyond each.

    Raises:
        SafetyError: a limit is not a positive finite number, or two contradict each other.
    """

    joints: JointLimits = SAWYER
    """Positions, speeds and accelerations of the joints."""
    joint_margin: float = 0.005
    """Distance kept to each joint position limit, rad; the controller keeps 0.01."""
    speed_share: float = 0.5
    """Share of the joints' largest speeds that is used, in (0, 1]."""
    acceleration_share: float = 0.5
    """Share of the joints' largest accelerations that is used to move, in (0, 1]; stopping uses all of it."""
    box_lower: Vector3 = (0.455, -0.155, 0.0598)
    """Lowest position of the pinch point, m, base frame: the start poses and the controller's workspace, and 1 to 1.5
    cm more, in which the full speed of 0.07 m/s can just be stopped; below is the basket's floor, at 0.0498."""
    box_upper: Vector3 = (0.745, 0.155, 0.445)
    """Highest position of the pinch point, m, base frame."""
    linear_speed: float = 0.12
    """Largest speed of the pinch point, m/s: an action asks for 0.07, righting a tilted tool adds to it."""
    angular_speed: float = 1.2
    """Largest angular speed of the tool, rad/s: an action asks for 1."""
    tcp_deceleration: float = 1.0
    """Deceleration of the pinch point that braking towards a wall counts on, m/s^2."""
    reaction_s: float = 0.1
    """Time that passes before a command slows the arm, s. The robot's own command timeout must not be longer: a driver
    that dies leaves the last command standing for so long. An arm that takes longer to follow overshoots a wall; the
    simulated one, with 0.15 s, by 4 mm at 0.07 m/s."""
    singular_slow: float = 0.06
    """Smallest singular value of the Jacobian (rows m and rad) below which the speed limits shrink; 99 % of the poses
    in the workspace lie above 0.08."""
    singular_stop: float = 0.02
    """Smallest singular value at which they reach zero."""
    wrist_force: float = 40.0
    """Largest force at the wrist, N, without the tool's weight."""
    action_age_s: float = 0.15
    """Oldest action that is carried out, s: two control periods missed."""
    state_age_s: float = 0.1
    """Oldest robot state that a command may rest on, s: ten of the robot's messages missed."""
    object_age_s: float | None = 0.5
    """Oldest object pose that a policy may act on, s; None where no policy looks at objects."""
    cycle_s: float = 0.02
    """Longest period that counts towards an acceleration, s: after a longer one the velocity changes no further."""

    def __post_init__(self) -> None:
        """Refuse what would not limit anything."""
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
