"""The way to where episodes begin: up first, then all joints together."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.control.cartesian import CartesianController
from helms_control.control.kinematics import Pose
from helms_control.control.workspace import Workspace

Array = npt.NDArray[np.float64]

READY = np.array([-0.033, -1.146, -0.355, 1.352, 0.146, 1.391, -0.211])
"""(7,) rad: the tool points down in the middle of the cell, above the objects."""
_NO_WALLS = Workspace((-9.0,) * 3, (9.0,) * 3)


@dataclass(frozen=True)
class ReadyMove:
    """Gives the wanted joint velocity, whatever the arm's pose; it moves on what it sees, not on a clock.

    Attributes:
        target: (7,) joint angles to go to, rad.
        clear: height of the pinch point from which it goes sideways, m.
        speed: largest joint speed on the way, rad/s.
        lift: speed upwards, m/s.
        gain: joint velocity for each rad that is left, 1/s.
        near: largest distance of a joint at which it has arrived, rad.
    """

    target: Array
    clear: float = 0.25
    speed: float = 0.3
    lift: float = 0.05
    gain: float = 2.0
    near: float = 0.01

    def velocity(self, pose: Pose, joints: Array) -> tuple[Array, bool]:
        """Return the wanted velocity (7,), rad/s, and whether the arm has arrived.

        Args:
            pose: of the arm.
            joints: (7,) rad.
        """
        left = self.target - joints
        largest = float(np.max(np.abs(left)))
        if largest <= self.near:
            return np.zeros(7), True
        # Near the target it does not lift: the target may itself be lower than that.
        if pose.pinch[2] < self.clear and largest > 0.2:
            controller = CartesianController(workspace=_NO_WALLS)
            pinch = (float(pose.pinch[0]), float(pose.pinch[1]), float(pose.pinch[2]))
            twist = controller.twist((0.0, 0.0, self.lift), 0.0, pose.rotation, pinch, 0.0)
            return controller.joint_velocity(pose.jacobian, twist, joints), False
        return self.gain * left * min(1.0, self.speed / (self.gain * largest)), False
