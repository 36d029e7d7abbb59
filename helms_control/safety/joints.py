"""Sawyer's joint limits, which those reported by the robot can narrow."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.robot.sawyer import JOINT_ACCELERATION, JOINT_LOWER, JOINT_UPPER, JOINT_VELOCITY
from helms_control.safety.errors import SafetyError

Array = npt.NDArray[np.float64]

JOINTS = 7
_NAMES = ("lower", "upper", "velocity", "acceleration")


@dataclass(frozen=True, eq=False)
class JointLimits:
    """Limits of the joints right_j0 to right_j6; read-only arrays (7,).

    Attributes:
        lower: smallest angles, rad.
        upper: largest angles, rad.
        velocity: largest speeds, rad/s.
        acceleration: largest accelerations and decelerations, rad/s^2.

    Raises:
        SafetyError: a limit is missing, not finite, not of shape (7,), or leaves an empty range.
    """

    lower: Array
    upper: Array
    velocity: Array
    acceleration: Array

    def __post_init__(self) -> None:
        """Validate the limits and make the arrays read-only."""
        for name in _NAMES:
            object.__setattr__(self, name, _checked(name, getattr(self, name)))
        if not np.all(self.lower < self.upper):
            raise SafetyError(
                f"every lower joint limit must be below the upper one, got lower {self.lower.tolist()}, "
                f"upper {self.upper.tolist()}"
            )
        for name in ("velocity", "acceleration"):
            if not np.all(getattr(self, name) > 0.0):
                raise SafetyError(f"joint limits on {name} must be positive, got {getattr(self, name).tolist()}")

    def narrowed(self, other: "JointLimits") -> "JointLimits":
        """Return the tighter of two limits, joint by joint: the published ones and those that the robot reports.

        Raises:
            SafetyError: the two position ranges of a joint do not overlap.
        """
        return JointLimits(
            np.maximum(self.lower, other.lower),
            np.minimum(self.upper, other.upper),
            np.minimum(self.velocity, other.velocity),
            np.minimum(self.acceleration, other.acceleration),
        )


def _checked(name: str, value: npt.ArrayLike | None) -> Array:
    """Return a read-only copy of a limit."""
    try:
        array = np.array(value, np.float64)
    except (TypeError, ValueError) as error:
        raise SafetyError(f"joint limits on {name} must be {JOINTS} numbers, got {value!r}") from error
    if array.shape != (JOINTS,) or not np.isfinite(array).all():
        raise SafetyError(f"joint limits on {name} must be {JOINTS} finite numbers, got {value!r}")
    array.setflags(write=False)
    return array


SAWYER = JointLimits(*map(np.array, (JOINT_LOWER, JOINT_UPPER, JOINT_VELOCITY, JOINT_ACCELERATION)))
"""Published limits; the robot reports its own on /robot/joint_limits, which `narrowed` combines with these."""
