"""The Cartesian velocity controller in closed form: a commanded twist becomes seven joint velocities.

It reproduces the stack-of-tasks quadratic programme of the RGB-stacking environment (level 1: damped least squares on
the twist; level 2: posture in the null space) to a few mrad/s, at a hundredth of its cost. Shapes: J (6, 7), twist (6,)
as [linear m/s, angular rad/s] in base axes, q and joint velocity (7,).
"""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from helms_control.control.workspace import Vector3, Workspace
from helms_control.robot.sawyer import JOINT_LOWER, JOINT_UPPER, JOINT_VELOCITY

Array = npt.NDArray[np.float64]

LOWER, UPPER, VELOCITY = (np.array(limit) for limit in (JOINT_LOWER, JOINT_UPPER, JOINT_VELOCITY))
"""Limits of the joints, rad and rad/s, (7,)."""
POSTURE = np.array([0.0, -0.5186220703, -0.5293847656, 1.2208574219, 0.4085742188, 1.0783164063, 0.0])
"""Reference posture of the null space, rad (RGB-stacking environment)."""


@dataclass(frozen=True)
class CartesianController:
    """Gains and limits of the controller; the methods are pure."""

    workspace: Workspace = field(default_factory=Workspace)
    """Limits on the pinch position and the wrist."""
    max_linear: float = 0.07
    """Largest norm of the linear velocity, m/s."""
    max_angular: float = 1.0
    """Largest norm of the angular velocity, rad/s."""
    alignment_gain: float = 0.8
    """Angular velocity per axis-angle error that keeps the tool pointing down, 1/s."""
    damping: float = 0.01
    """Weight on squared joint velocity in the least squares."""
    posture_gain: float = 0.5
    """Joint velocity per posture error in the null space, 1/s."""
    limit_margin: float = 0.01
    """Distance kept to each joint position limit, rad."""
    limit_gain: float = 19.0
    """Largest approach speed per distance to a joint limit, 1/s: 0.95 of that distance in a 50 ms step."""

    def twist(self, command: Vector3, turn: float, rotation: Array, pinch: Vector3, joint6: float) -> Array:
        """Compose the wrist's twist from a command, within the workspace and the norm limits.

        Args:
            command: linear velocity, m/s, base axes.
            turn: rotation about base +z, rad/s.
            rotation: (3, 3) orientation of the wrist in the base frame; its third column is the tool axis.
            pinch: pinch point, m, base frame.
            joint6: angle of right_j6, rad.

        Returns:
            (6,) twist [m/s, rad/s], base axes.
        """
        (vx, vy, vz), turn = self.workspace.guard(command, turn, pinch, joint6)
        # Axis-angle error that turns the tool axis onto (0, 0, -1): cross product of the two, scaled to the angle.
        ax, ay, az = rotation[0, 2], rotation[1, 2], rotation[2, 2]
        sine = math.hypot(ax, ay)
        scale = self.alignment_gain * math.atan2(sine, -az) / sine if sine > 1e-9 else 0.0
        wx, wy, wz = -ay * scale, ax * scale, turn
        linear, angular = math.sqrt(vx * vx + vy * vy + vz * vz), math.sqrt(wx * wx + wy * wy + wz * wz)
        a = self.max_linear / linear if linear > self.max_linear else 1.0
        b = self.max_angular / angular if angular > self.max_angular else 1.0
        return np.array([a * vx, a * vy, a * vz, b * wx, b * wy, b * wz])

    def joint_velocity(self, jacobian: Array, twist: Array, joints: Array) -> Array:
        """Solve for joint velocities: damped least squares, posture in its null space, joint limits.

        Args:
            jacobian: (6, 7) of the wrist, rows linear then angular, base axes.
            twist: (6,) m/s and rad/s.
            joints: (7,) rad.

        Returns:
            (7,) rad/s within the velocity limits, slowing to zero towards a position limit.
        """
        bias = self.posture_gain * (POSTURE - joints)
        # Both levels in one batched call: (J J' + damping) a = twist and (J J') b = J bias; then J' a + (bias - J' b).
        sides = np.empty((2, 6, 1))
        sides[0, :, 0] = twist
        sides[1, :, 0] = jacobian @ bias
        a, b = np.linalg.solve(jacobian @ jacobian.T + self._damping, sides)[:, :, 0]
        return self._limited(bias + jacobian.T @ (a - b), joints)

    @cached_property
    def _damping(self) -> Array:
        # A tiny damping keeps the null-space projection finite at a singularity; a little posture motion remains there.
        return np.stack((self.damping * np.eye(6), 1e-8 * np.eye(6)))

    @cached_property
    def _bounds(self) -> tuple[Array, Array]:
        lower, upper = LOWER + self.limit_margin, UPPER - self.limit_margin
        return self.limit_gain * lower, self.limit_gain * upper

    def _limited(self, velocity: Array, joints: Array) -> Array:
        near, (lower, upper) = self.limit_gain * joints, self._bounds
        inside = np.minimum(np.maximum(velocity, lower - near), upper - near)
        limited: Array = np.minimum(np.maximum(inside, -VELOCITY), VELOCITY)
        return limited
