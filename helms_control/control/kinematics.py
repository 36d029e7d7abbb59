"""Forward kinematics and Jacobians of the arm, without MuJoCo.

Frames: base; wrist (Sawyer's `right_hand`, the controller's frame); sensor (force-torque sensor) and pinch point on the
wrist's z axis, which is the tool axis. Shapes: q (7,) rad, position (3,) m, rotation (3, 3), jacobian (6, 7) with rows
linear then angular, base axes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from transforms3d.euler import euler2mat

from helms_control.control.workspace import Vector3
from helms_control.errors import HelmsError

Array = npt.NDArray[np.float64]

JOINTS = 7
_HALF = 0.5 * math.pi


@dataclass(frozen=True, slots=True)
class Link:
    """A fixed offset between two frames: first the translation, then the rotation (URDF's convention).

    Attributes:
        xyz: translation, m.
        rpy: roll, pitch and yaw about the fixed axes x, y, z, rad.
    """

    xyz: Vector3
    rpy: Vector3 = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        """Check for six finite numbers."""
        if not (len(self.xyz) == len(self.rpy) == 3 and all(map(math.isfinite, (*self.xyz, *self.rpy)))):
            raise HelmsError(f"a link's offset must be 3 + 3 finite numbers, got xyz {self.xyz}, rpy {self.rpy}")

    def rotation(self) -> Array:
        """Return the rotation (3, 3)."""
        matrix: Array = euler2mat(*self.rpy, "sxyz")
        return matrix


@dataclass(frozen=True, slots=True)
class Tool:
    """Frames of the tool along the wrist's z axis; the defaults are those of the simulated cell.

    Attributes:
        pinch: distance from the wrist to the pinch point between the fingertips, m.
        pinch_turn: rotation of the pinch frame about z, rad.
        sensor: distance from the wrist to the force-torque sensor, m.
        sensor_turn: rotation of the sensor's frame about z, rad.
    """

    pinch: float = 0.2012
    pinch_turn: float = -_HALF
    sensor: float = 0.0215
    sensor_turn: float = _HALF


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """Frames and Jacobians for one set of joint angles, base frame.

    Attributes:
        wrist: position of the wrist, m.
        rotation: orientation of the wrist; its third column is the tool axis.
        jacobian: Jacobian of the wrist.
        pinch: position of the pinch point, m.
        pinch_rotation: orientation of the pinch frame.
        pinch_jacobian: Jacobian of the pinch point.
        sensor: position of the force-torque sensor, m.
        sensor_rotation: orientation of its frame.
    """

    wrist: Array
    rotation: Array
    jacobian: Array
    pinch: Array
    pinch_rotation: Array
    pinch_jacobian: Array
    sensor: Array
    sensor_rotation: Array


@dataclass(frozen=True)
class Chain:
    """Serial chain: seven revolute joints, each about the z axis of its own frame, then the wrist.

    Attributes:
        links: offset of each joint's frame from the one before, and of the wrist's from the last: 8.
        tool: frames of the tool.

    Raises:
        HelmsError: not 8 offsets.
    """

    links: tuple[Link, ...]
    tool: Tool = field(default_factory=Tool)

    def __post_init__(self) -> None:
        """Check the number of offsets."""
        if len(self.links) != JOINTS + 1:
            raise HelmsError(f"the arm's chain must have {JOINTS + 1} offsets, got {len(self.links)}")

    @cached_property
    def _fixed(self) -> tuple[tuple[Array, Array], ...]:
        return tuple((np.array(link.xyz), link.rotation()) for link in self.links)

    @cached_property
    def _turns(self) -> tuple[Array, Array]:
        return _about_z(self.tool.pinch_turn), _about_z(self.tool.sensor_turn)

    def pose(self, joints: Sequence[float] | Array) -> Pose:
        """Return frames and Jacobians.

        Args:
            joints: q, (7,) rad.
        """
        position, rotation = np.zeros(3), np.eye(3)
        origins, axes = np.empty((JOINTS, 3)), np.empty((JOINTS, 3))
        for index, (offset, turn) in enumerate(self._fixed):
            position = position + rotation @ offset
            rotation = rotation @ turn
            if index < JOINTS:
                origins[index], axes[index] = position, rotation[:, 2]
                rotation = rotation @ _about_z(float(joints[index]))
        axis = rotation[:, 2]
        pinch, sensor = position + self.tool.pinch * axis, position + self.tool.sensor * axis
        pinch_turn, sensor_turn = self._turns
        return Pose(
            position,
            rotation,
            _jacobian(axes, origins, position),
            pinch,
            rotation @ pinch_turn,
            _jacobian(axes, origins, pinch),
            sensor,
            rotation @ sensor_turn,
        )


def _about_z(angle: float) -> Array:
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def _jacobian(axes: Array, origins: Array, point: Array) -> Array:
    """Return the Jacobian of a point on the last link: per joint, axis x lever (linear) and axis (angular)."""
    return np.concatenate([np.cross(axes, point - origins).T, axes.T])


def _sawyer(upper: float, fore: float) -> Chain:
    return Chain(
        (
            Link((0.0, 0.0, 0.08)),
            Link((0.081, 0.05, 0.237), (-_HALF, _HALF, 0.0)),
            Link((0.0, -0.14, upper), (_HALF, 0.0, 0.0)),
            Link((0.0, -0.042, 0.26), (-_HALF, 0.0, 0.0)),
            Link((0.0, -fore, -0.1265), (_HALF, 0.0, 0.0)),
            Link((0.0, 0.031, 0.275), (-_HALF, 0.0, 0.0)),
            Link((0.0, -0.11, 0.1053), (-_HALF, -0.17453, math.pi)),
            Link((0.0, 0.0, 0.0245), (0.0, 0.0, _HALF)),
        )
    )


SAWYER = _sawyer(0.1425, 0.125)
"""The published arm (Rethink sawyer_description)."""
REFERENCE = _sawyer(0.1325, 0.115)
"""The arm of the RGB-stacking model (DeepMind), and so of the simulated cell: two links are 10 mm shorter."""
