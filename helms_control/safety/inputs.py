"""Inputs of one cycle of the safety layer. All times are in s, of one monotonic clock."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """A requested joint velocity.

    Attributes:
        velocity: (7,) rad/s, right_j0 to right_j6.
        stamp: reception time of its action, s.
    """

    velocity: Array
    stamp: float


@dataclass(frozen=True, slots=True, eq=False)
class RobotState:
    """The robot's state as reported.

    Attributes:
        stamp: reception time of the oldest of its parts, s.
        joints: (7,) angles, rad.
        tcp: (3,) pinch point, m, base frame.
        jacobian: (6, 7) of the pinch point at these angles: rows linear (m) then angular (rad), base axes.
        wrist_force: (3,) N, without the tool's weight.
        enabled: whether its motors are on.
        error: whether it reports a fault.
        estop: whether it is stopped: by the button, by our software stop or for another reason.
        collision: whether its collision detection has fired.
        objects_stamp: time of the oldest object pose in use, s; None without poses.
    """

    stamp: float
    joints: Array
    tcp: Array
    jacobian: Array
    wrist_force: Array
    enabled: bool
    error: bool
    estop: bool
    collision: bool
    objects_stamp: float | None = None
