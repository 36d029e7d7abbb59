"""Permitted fraction of a joint velocity: one factor for each limit on position and speed.

Zero velocity satisfies every limit here, so a small enough common factor on all seven joint velocities does, too, and
keeps the direction of motion. Each function returns the largest such factor in [0, 1].

Braking distance: braking all joints together from u takes tau(u) = max |u_i| / a_i; until it begins, the reaction time
T passes. A coordinate that moves at v needs v T + v tau / 2 to stop, so that with the factor s on u (tau grows with s)
the distance d requires s v T + s^2 v tau / 2 <= d. Towards a wall of the workspace the quadratic term is at least
s^2 v^2 / (2 a): without reaction time this is v <= sqrt(2 a d).

Shapes: u (7,) rad/s, jacobian (6, 7), tcp (3,) m.
"""

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from helms_control.safety.findings import Kind
from helms_control.safety.inputs import RobotState
from helms_control.safety.limits import SafetyLimits
from helms_control.safety.ramp import stop_time

Array = npt.NDArray[np.float64]

CREEP = 1e-9
"""Speeds below this are rounding errors, not motion towards a limit, m/s or rad/s."""
SLACK = 0.001
"""Distance from a wall at which the TCP slides along it, m. Within a cycle, the curved path deviates by some 10 um from
the direction given by the Jacobian; sliding corrects that inside of the wall."""
PULL = 0.05
"""Largest return speed to that distance, per rad/s of the fastest joint, m/rad; an arm at rest is not moved."""


class Bounds:
    """Evaluates the limits for a joint velocity and a robot state."""

    def __init__(self, limits: SafetyLimits) -> None:
        """Precompute constant bounds."""
        self.limits, joints = limits, limits.joints
        self.speed = limits.speed_share * joints.velocity
        self.acceleration = limits.acceleration_share * joints.acceleration
        self.lower, self.upper = joints.lower + limits.joint_margin, joints.upper - limits.joint_margin
        self.box_lower, self.box_upper = np.array(limits.box_lower), np.array(limits.box_upper)

    def factors(self, u: Array, state: RobotState) -> dict[Kind, float]:
        """Return the factor of every limit; their minimum satisfies all."""
        twist = state.jacobian @ u
        tau = stop_time(u, self.acceleration)
        shrink = self.shrink(state.jacobian)
        return {
            Kind.JOINT_SPEED: self.joint_speed(u),
            Kind.TCP_SPEED: self.tcp_speed(twist),
            Kind.SINGULARITY: 1.0 if shrink >= 1.0 else min(self.joint_speed(u, shrink), self.tcp_speed(twist, shrink)),
            Kind.JOINT_POSITION: self.joint_position(u, tau, state.joints),
            Kind.WORKSPACE: self.workspace(twist[:3], tau, state.tcp),
        }

    def joint_speed(self, u: Array, shrink: float = 1.0) -> float:
        """Keep every joint below its speed, times `shrink`."""
        return _share(shrink, float(np.max(np.abs(u) / self.speed)))

    def tcp_speed(self, twist: Array, shrink: float = 1.0) -> float:
        """Keep a twist (6,) below the linear and the angular speed, times `shrink`."""
        linear = math.hypot(*twist[:3].tolist()) / self.limits.linear_speed
        angular = math.hypot(*twist[3:].tolist()) / self.limits.angular_speed
        return _share(shrink, max(linear, angular))

    def shrink(self, jacobian: Array) -> float:
        """Return the factor on the speed limits near a singularity, in [0, 1]."""
        slow, stop = self.limits.singular_slow, self.limits.singular_stop
        smallest = float(np.linalg.svd(jacobian, compute_uv=False)[-1])
        return min(max((smallest - stop) / (slow - stop), 0.0), 1.0)

    def joint_position(self, u: Array, tau: float, joints: Array) -> float:
        """Keep every joint able to stop before its position limit."""
        distance = np.where(u > 0.0, self.upper - joints, joints - self.lower).tolist()
        speed = np.abs(u).tolist()
        reaction = self.limits.reaction_s
        return min(_stoppable(v, 0.5 * v * tau, d, reaction) for v, d in zip(speed, distance, strict=True))

    def workspace(self, linear: Array, tau: float, tcp: Array) -> float:
        """Keep the pinch point, moving at `linear` (3,) m/s, able to stop inside the box."""
        distance = np.where(linear > 0.0, self.box_upper - tcp, tcp - self.box_lower).tolist()
        reaction, a = self.limits.reaction_s, self.limits.tcp_deceleration
        return min(
            _stoppable(v, max(0.5 * v * tau, 0.5 * v * v / a), d, reaction)
            for v, d in zip(np.abs(linear).tolist(), distance, strict=True)
        )

    def along_walls(self, u: Array, state: RobotState) -> Array:
        """Remove the velocity that approaches a wall too fast, so that the TCP slides along it.

        Other components of the twist and the null-space motion stay. At a singularity (`shrink` 0) nothing is removed,
        and the common factor stops the motion instead.

        Returns:
            (7,) rad/s; `u` itself where no wall is near.
        """
        linear, tau = state.jacobian[:3] @ u, stop_time(u, self.acceleration)
        pull = min(PULL * float(np.max(np.abs(u))), SLACK / self.limits.reaction_s)
        upper = [self.wall_speed(d, tau, pull) for d in (self.box_upper - state.tcp).tolist()]
        lower = [-self.wall_speed(d, tau, pull) for d in (state.tcp - self.box_lower).tolist()]
        change = np.clip(linear, lower, upper) - linear
        if not change.any() or self.shrink(state.jacobian) <= 0.0:
            return u
        result: Array = u + np.linalg.pinv(state.jacobian)[:, :3] @ change
        return result

    def wall_speed(self, distance: float, tau: float, pull: float) -> float:
        """Return the largest speed (m/s) towards a wall at a distance (m) when braking takes `tau` (s).

        Closer than the slack it is negative, away from the wall, and at least -`pull`.
        """
        reaction, a = self.limits.reaction_s, self.limits.tcp_deceleration
        distance -= SLACK
        if distance <= 0.0:
            return max(distance / reaction, -pull)
        quadratic = math.sqrt((a * reaction) ** 2 + 2.0 * a * distance) - a * reaction
        return min(quadratic, distance / (reaction + 0.5 * tau))


def _share(allowed: float, used: float) -> float:
    return 1.0 if used <= allowed else allowed / used


def _stoppable(speed: float, braking: float, distance: float, reaction: float) -> float:
    """Solve s v T + s^2 b = d for s: speed v, braking distance b at full speed, reaction time T; at most 1."""
    if speed <= CREEP:
        return 1.0
    if distance <= 0.0:
        return 0.0
    if speed * reaction + braking <= distance:
        return 1.0
    waiting = speed * reaction
    # This form of the root has no cancellation for small b.
    return 2.0 * distance / (waiting + math.sqrt(waiting * waiting + 4.0 * braking * distance))


def tightest(factors: dict[Kind, float]) -> float:
    """Return the factor that satisfies every limit."""
    return min(factors.values())


def exceeded(factors: dict[Kind, float]) -> Iterable[Kind]:
    """Yield the limits that a velocity exceeded."""
    # Tolerance: rounding may leave a velocity that was scaled to a limit slightly beyond it.
    return (kind for kind, factor in factors.items() if factor < 1.0 - 1e-12)
