"""What the layer looks at in one cycle. All times are in s, of one clock that never goes backwards."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """A joint velocity that somebody asks for.

    Attributes:
        velocity: (7,) rad/s, right_j0 to right_j6.
        stamp: when the action behind it was received, s.
    """

    velocity: Array
    stamp: float


@dataclass(frozen=True, slots=True, eq=False)
class RobotState:
    """What the robot says of itself.

    Attributes:
        stamp: when the newest of it was received, s.
        joints: (7,) angles, rad.
        tcp: (3,) pinch point, m, base frame.
        jacobian: (6, 7) of the pinch point at these angles: rows linear (m) then angular (rad), base axes.
        wrist_force: (3,) N, without the tool's weight.
        enabled: whether its motors are on.
        error: whether it reports a fault.
        estop: whether its emergency stop, or ours in software, is pressed, or it is stopped for another reason.
        collision: whether its collision detection has fired.
        objects_stamp: when the oldest of the object poses in use was received, s; None where there is none.
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
