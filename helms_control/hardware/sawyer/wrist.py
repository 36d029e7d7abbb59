"""Conversion of the robot's endpoint wrench to the reading of the simulated cell's wrist sensor.

The cell's sensor measures the wrench that the arm exerts on the tool, in the sensor's own frame and about its origin:
the opposite of the external wrench. Frame and sign of Sawyer's estimate are not published and may depend on the
firmware; they are determined by pushing the tool (docs/robot.md) and set in `WristConfig`.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.control import quaternion
from helms_control.control.kinematics import Pose
from helms_control.errors import HelmsError

Array = npt.NDArray[np.float64]

FRAMES = ("base", "tip")
REMEMBERED = 20
"""Number of readings averaged for the tool's weight."""


@dataclass(frozen=True)
class WristConfig:
    """Frame and sign of the wrench, and the tool's largest weight.

    Raises:
        HelmsError: an unknown frame, or a weight that is not positive.
    """

    frame: str = "base"
    """Axes of force and torque: base, or tip for those of the endpoint."""
    by_world: bool = False
    """True where the robot reports the external wrench on the tool, False for the arm's on the tool."""
    heaviest: float = 25.0
    """Largest force at rest that is accepted as the tool's weight, N."""

    def __post_init__(self) -> None:
        """Check frame and weight."""
        if self.frame not in FRAMES or not 0.0 < self.heaviest < float("inf"):
            raise HelmsError(
                f"the wrist's frame must be one of {', '.join(FRAMES)} and its heaviest tool a positive force in N, "
                f"got {self.frame!r} and {self.heaviest!r}"
            )


@dataclass(frozen=True, slots=True, eq=False)
class EndpointReading:
    """The robot's endpoint state.

    Attributes:
        stamp: reception time, s.
        position: (3,) m, base frame.
        orientation: (4,) wxyz, base frame.
        force: (3,) N.
        torque: (3,) Nm, about the endpoint.
        valid: whether the robot marks it as valid.
    """

    stamp: float
    position: Array
    orientation: Array
    force: Array
    torque: Array
    valid: bool = True


class Wrist:
    """Converts readings to the contract's wrist force and torque, less the tool's weight.

    Attributes:
        weight: (6,) force and torque about the sensor of the tool alone, base axes.
    """

    def __init__(self, config: WristConfig) -> None:
        """Begin with zero weight."""
        self.config = config
        self.weight: Array = np.zeros(6)
        self._newest: deque[Array] = deque(maxlen=REMEMBERED)

    def hear(self, reading: EndpointReading, pose: Pose) -> None:
        """Store a reading, taken at the arm's `pose`."""
        self._newest.append(self._in_base(reading, pose))

    def felt(self, pose: Pose) -> tuple[Array, Array]:
        """Return force (3,) N and torque (3,) Nm of the newest reading in the sensor's frame, without the tool."""
        wrench = (self._newest[-1] if self._newest else np.zeros(6)) - self.weight
        back = pose.sensor_rotation.T
        return back @ wrench[:3], back @ wrench[3:]

    def tare(self) -> str:
        """Use the mean wrench, at rest, as the tool's weight; return why not, or an empty string."""
        if not self._newest:
            return "no endpoint_state yet"
        weight = np.mean(list(self._newest), axis=0)
        force = float(np.linalg.norm(weight[:3]))
        # Written so that NaN fails the comparison.
        if not force <= self.config.heaviest:
            return f"the wrist feels {force:.1f} N at rest, more than a tool weighs ({self.config.heaviest:g} N)"
        self.weight = weight
        return ""

    def _in_base(self, reading: EndpointReading, pose: Pose) -> Array:
        """Return force and torque about the sensor that the arm exerts on the tool, (6,), base axes."""
        sign = -1.0 if self.config.by_world else 1.0
        force, torque = sign * reading.force, sign * reading.torque
        if self.config.frame == "tip":
            turn = quaternion.rotation_of(reading.orientation)
            force, torque = turn @ force, turn @ torque
        moved = torque + np.cross(reading.position - pose.sensor, force)
        return np.concatenate([force, moved])
