"""The demonstrator's view: true poses and shapes of the cell."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from helms_control.robot import basket
from helms_sim.cell.cell import Cell
from helms_sim.cell.reading import TICS_PER_RADIAN
from helms_sim.episode import Episode, EpisodeConfig
from helms_sim.objects import RgbObject
from helms_sim.objects.geometry import faces, volume_and_com
from helms_sim.scene.names import GRIPPER, LEFT_DRIVER
from helms_sim.tasks import CellState
from helms_sim.tasks.constants import BASKET_FLOOR_Z, WORKSPACE_CENTRE

Array = npt.NDArray[np.float64]

FLOOR = BASKET_FLOOR_Z
"""Height of the basket's floor, m, base frame."""
CENTRE = np.array(WORKSPACE_CENTRE[:2])
"""Middle of the basket, m, base frame."""
FLAT = basket.FLAT
"""Half width of the basket's flat floor, m."""
SLOPE = basket.SLOPE
"""Rise of the basket's sides."""
_SPACING = 0.003
_STILL = 2e-5
"""Movement, m and in entries of rotation matrices, below which a cached pose is used."""


@dataclass(frozen=True, slots=True)
class Solid:
    """One object at its current pose, base frame, m.

    Attributes:
        vertices: (V, 3) corners.
        points: (P, 3) samples of the surface, about 3 mm apart.
        normals: (P, 3) outward unit normals of the samples.
        polygons: outlines of the faces, each (k, 3).
        directions: (F, 3) outward unit normals of the faces.
        com: (3,) centre of mass.
        origin: (3,) origin of the object's frame.
        rotation: (3, 3) orientation of the object's frame.
    """

    vertices: Array
    points: Array
    normals: Array
    polygons: tuple[Array, ...]
    directions: Array
    com: Array
    origin: Array
    rotation: Array

    @property
    def top(self) -> float:
        """Greatest height, m."""
        return float(self.vertices[:, 2].max())

    @property
    def bottom(self) -> float:
        """Least height, m."""
        return float(self.vertices[:, 2].min())

    def face(self, direction: float) -> int:
        """Index of the face whose normal points most upwards (direction +1) or downwards (-1)."""
        return int(np.argmax(direction * self.directions[:, 2]))

    def tilt(self, direction: float) -> float:
        """Angle between the vertical and the top (+1) or bottom (-1) face's normal, rad."""
        return float(np.arccos(np.clip(direction * self.directions[self.face(direction), 2], -1.0, 1.0)))


class Watched(Protocol):
    """An environment, or a mirror of one."""

    cell: Cell
    state: CellState
    episode: Episode
    config: EpisodeConfig


class View:
    """View of an environment."""

    def __init__(self, env: Watched) -> None:
        """View an environment; the view follows its steps."""
        self._env = env
        self._solids: dict[int, tuple[RgbObject, Solid]] = {}

    @property
    def pinch(self) -> Array:
        """(3,) pinch point, m, base frame."""
        return np.array(self._env.cell.data.site_xpos[self._env.cell.names.pinch])

    @property
    def yaw(self) -> float:
        """Rotation of the tool about base +z, rad; at 0 the fingers close along base y."""
        matrix = self._env.cell.data.site_xmat[self._env.cell.names.pinch]
        # The tool's x axis in base axes is (cos yaw, sin yaw, 0).
        return float(np.arctan2(matrix[3], matrix[0]))

    @property
    def tics(self) -> float:
        """Gripper position, 0 (open) to 255 (closed) tics, not rounded."""
        return float(self._env.cell.data.qpos[LEFT_DRIVER]) * TICS_PER_RADIAN

    @property
    def finger_target(self) -> float:
        """Target of the gripper position, tics."""
        return float(self._env.cell.data.act[GRIPPER])

    @property
    def grasp(self) -> bool:
        """Whether both fingertips press on something."""
        return self._env.state.grasp

    def robot_touches(self, item: int) -> bool:
        """Whether any part of the robot touches an object (red 0, green 1, blue 2)."""
        return self._env.state.robot_touching[item]

    def touch(self, first: int, second: int) -> bool:
        """Whether two objects touch."""
        return self._env.state.touch(first, second)

    def others(self, item: int) -> list[Solid]:
        """Return the two other objects at their current poses."""
        return [self.solid(other) for other in range(3) if other != item]

    def solid(self, item: int) -> Solid:
        """Return an object (red 0, green 1, blue 2) at its current pose."""
        data, triplet = self._env.cell.data, self._env.episode.triplet
        shape = _shape(triplet[item])
        body = self._env.cell.names.objects[item]
        rotation, origin = data.xmat[body].reshape(3, 3), data.xpos[body]
        kind, last = self._solids.get(item, (None, None))
        # Called several times in a step: cached unless it has moved.
        if last is not None and kind is triplet[item] and _is_at(last, origin, rotation):
            return last
        found = Solid(
            shape.vertices @ rotation.T + origin,
            shape.points @ rotation.T + origin,
            shape.normals @ rotation.T,
            tuple(polygon @ rotation.T + origin for polygon in shape.polygons),
            shape.directions @ rotation.T,
            data.xipos[body].copy(),
            origin.copy(),
            rotation.copy(),
        )
        self._solids[item] = (triplet[item], found)
        return found


def _is_at(solid: Solid, origin: Array, rotation: Array) -> bool:
    # Resting objects tremble by micrometres.
    return bool(np.abs(solid.origin - origin).max() < _STILL and np.abs(solid.rotation - rotation).max() < _STILL)


def floor_height(xy: Array) -> Array:
    """Height of the basket's inside, m, under points (..., 2), base frame."""
    outside = np.abs(xy - CENTRE).max(axis=-1) - FLAT
    height: Array = FLOOR + SLOPE * np.maximum(outside, 0.0)
    return height


@lru_cache(maxsize=64)
def _shape(item: RgbObject) -> Solid:
    """Sample an object's surface once, in its own frame."""
    found = faces(item.vertices)
    samples = [_sample(face.polygon) for face in found]
    normals = [np.tile(face.normal, (len(sample), 1)) for face, sample in zip(found, samples, strict=True)]
    return Solid(
        vertices=item.vertices,
        points=np.concatenate(samples),
        normals=np.concatenate(normals),
        polygons=tuple(face.polygon for face in found),
        directions=np.stack([face.normal for face in found]),
        com=volume_and_com(item.vertices)[1],
        origin=np.zeros(3),
        rotation=np.eye(3),
    )


def _sample(polygon: Array) -> Array:
    """Points about 3 mm apart that cover a convex polygon (k, 3), fan triangle by fan triangle."""
    samples = []
    for second, third in pairwise(polygon[1:]):
        edges = np.stack([second - polygon[0], third - polygon[0]])
        count = int(np.ceil(np.linalg.norm(edges, axis=1).max() / _SPACING)) + 1
        a, b = np.meshgrid(np.linspace(0, 1, count), np.linspace(0, 1, count))
        inside = (a + b) <= 1.0
        samples.append(polygon[0] + np.stack([a[inside], b[inside]], axis=1) @ edges)
    return np.concatenate(samples)
