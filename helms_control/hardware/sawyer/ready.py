"""Motion to the ready pose, where episodes begin: up first, then all joints together."""

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
    """Joint velocity towards the ready pose as feedback from the arm's pose; it reads no clock.

    Attributes:
        target: (7,) joint angles of the ready pose, rad.
        clear: height of the pinch point, base frame, up to which it lifts first, m.
        speed: largest joint speed on the way, rad/s.
        lift: speed upwards, m/s.
        gain: joint velocity per remaining rad, 1/s.
        near: tolerance of each joint, rad.
    """

    target: Array
    clear: float = 0.25
    speed: float = 0.3
    lift: float = 0.05
    gain: float = 2.0
    near: float = 0.01

    def velocity(self, pose: Pose, joints: Array) -> tuple[Array, bool]:
        """Return the velocity (7,) to request, rad/s, and whether the arm has arrived.

        Args:
            pose: of the arm.
            joints: (7,) rad.
        """
        left = self.target - joints
        largest = float(np.max(np.abs(left)))
        if largest <= self.near:
            return np.zeros(7), True
        # It does not lift near the target, which may be lower than `clear`.
        if pose.pinch[2] < self.clear and largest > 0.2:
            controller = CartesianController(workspace=_NO_WALLS)
            pinch = (float(pose.pinch[0]), float(pose.pinch[1]), float(pose.pinch[2]))
            twist = controller.twist((0.0, 0.0, self.lift), 0.0, pose.rotation, pinch, 0.0)
            return controller.joint_velocity(pose.jacobian, twist, joints), False
        return self.gain * left * min(1.0, self.speed / (self.gain * largest)), False
