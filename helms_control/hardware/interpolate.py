"""Interpolation of actions at 20 Hz to joint velocities at 100 Hz, within the joints' acceleration limits.

The action of a control step becomes a joint velocity exactly as in the simulated cell: once, by the same controller.
Between two actions that velocity is held; after a new one it changes linearly.
"""

import numpy as np
import numpy.typing as npt

from helms_control.control.cartesian import CartesianController
from helms_control.control.workspace import Vector3
from helms_control.errors import HelmsError
from helms_control.spec import to_physical

Array = npt.NDArray[np.float64]

FINGERS = 4
"""Index of the finger speed in an action."""


class VelocityStream:
    """Converts actions to a smooth joint velocity; it reads no clock.

    Attributes:
        velocity: (7,) current value, rad/s.
        target: (7,) end of the current ramp, rad/s.
    """

    def __init__(
        self, acceleration: Array, controller: CartesianController | None = None, blend_s: float = 0.02
    ) -> None:
        """Start at rest.

        Args:
            acceleration: (7,) limits, rad/s^2.
            controller: by default that of the simulation.
            blend_s: shortest duration of a ramp, s; a longer one is smoother and adds delay.

        Raises:
            HelmsError: a limit that is not positive and finite.
        """
        acceleration = np.array(acceleration, np.float64)
        if acceleration.shape != (7,) or not (np.isfinite(acceleration).all() and (acceleration > 0.0).all()):
            raise HelmsError(f"accelerations must be 7 positive numbers, rad/s^2; got {acceleration.tolist()}")
        if not 0.0 <= blend_s < np.inf:
            raise HelmsError(f"blend_s must be 0 or a positive time in s, got {blend_s!r}")
        self._acceleration, self._blend = acceleration, blend_s
        self._controller = controller or CartesianController()
        self.reset()

    def reset(self) -> None:
        """Set the velocity to zero at once; braking is the caller's responsibility."""
        self.velocity, self.target = np.zeros(7), np.zeros(7)
        self._start, self._elapsed, self._duration = np.zeros(7), 0.0, 0.0

    def take(self, action: Array, rotation: Array, pinch: Vector3, joints: Array, jacobian: Array) -> float:
        """Start the ramp to the velocity of a new action.

        Args:
            action: (5,) in [-1, 1], checked by `check_action`.
            rotation: (3, 3) orientation of the wrist, base frame.
            pinch: pinch point, m, base frame.
            joints: (7,) angles, rad.
            jacobian: (6, 7) of the wrist, rows linear then angular, base axes.

        Returns:
            The requested finger speed, tics/s, positive while closing.
        """
        x, y, z, turn, fingers = to_physical(action).tolist()
        twist = self._controller.twist((x, y, z), turn, rotation, pinch, float(joints[6]))
        self._aim(self._controller.joint_velocity(jacobian, twist, joints))
        return float(fingers)

    def step(self, dt: float) -> Array:
        """Advance by `dt` (s, at least 0) and return the velocity (7,) to request, rad/s."""
        self._elapsed += max(dt, 0.0)
        if self._elapsed >= self._duration:
            self.velocity = self.target
        else:
            self.velocity = self._start + (self.target - self._start) * (self._elapsed / self._duration)
        return self.velocity.copy()

    def _aim(self, target: Array) -> None:
        change = np.abs(target - self.velocity)
        self._start, self.target, self._elapsed = self.velocity, target, 0.0
        self._duration = max(self._blend, float(np.max(change / self._acceleration)))
