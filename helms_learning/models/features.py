"""Inputs of the networks: the contract's numbers ("raw", the paper's choice), or hand-made features ("tool").

"tool" features follow the demonstrator's own plan: grasp and clearance (`room`), push (`push`), placement (`spot`).
Object shapes are recognised from the published catalogue (`recognition`). The published specialists saw none of that.

- Frame: the gripper's, in which a grasp is independent of the object's position and rotation about the vertical;
  network velocities are rotated back to the base frame (`to_base`).
- Points: centres of mass, lowest points of carried objects, and the faces that they are placed on.
- Scales: three for each position. The 2 mm that decide whether the fingers can close are small against the basket.
- Orientations: rotation matrices. With a positive scalar part, quaternions jump at a tool that points down.
- No arm velocities: a clone that has them learns to repeat its last motion (de Haan et al. 2019, causal confusion in
  imitation learning). Of older frames only finger angle and velocity are used, whose history shows contact.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from helms_control.spec import FRAMES, OBJECTS, PROPRIOCEPTION
from helms_learning.models import push, room, spot
from helms_learning.models.layers import SCALES, Normaliser, scaled
from helms_learning.models.recognition import DIRECTIONS, Recognition
from helms_learning.models.scene import Scene, scene_of
from helms_sim.expert.grasp import LOWEST
from helms_sim.tasks.constants import BASKET_FLOOR_Z, WORKSPACE_CENTRE

FRAME = PROPRIOCEPTION.size + OBJECTS.size
RECOGNITION = Recognition()

_LEVEL = 0.03
"""Tolerance of a level face: 1 - cosine between its normal and the vertical."""
_ONTO = ((0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1))
"""Ordered pairs (carried, below) of objects."""
_DIFFERENCES = [[float(item == above) - float(item == 3 + below) for item in range(6)] for above, below in _ONTO]
_PLACE = slice(PROPRIOCEPTION.slices["tcp_pose"].start, PROPRIOCEPTION.slices["tcp_pose"].start + 3)
_TURN = slice(_PLACE.stop, _PLACE.stop + 4)
_FEEL = slice(PROPRIOCEPTION.slices["gripper_angle"].start, PROPRIOCEPTION.size)
"""Slice of proprioception: fingers, wrist force and torque, grasp."""
_HEADING, _ANGLE = slice(0, 2), slice(2, 3)
"""Slices of the robot's features: cosine and sine of the tool's rotation about base +z; the angle, rad."""
_HISTORY = slice(9, 11)
"""Slice of the robot's features: angle and velocity of the fingers."""


def sizes(inputs: str) -> tuple[int, int]:
    """Return the numbers of features of one frame: robot, objects."""
    if inputs == "raw":
        return PROPRIOCEPTION.size, OBJECTS.size
    places = 3 * (3 + len(_ONTO)) * len(SCALES) + 9 + 9
    shapes = RECOGNITION.sets + 27 + 3 * (2 * DIRECTIONS + 2) + 6
    return _HISTORY.start + _FEEL.stop - _FEEL.start, places + shapes + room.SIZE + push.SIZE + spot.SIZE


def joined_sizes(inputs: str) -> tuple[int, int]:
    """Return the numbers of features of three frames: robot, objects."""
    own, seen = sizes(inputs)
    if inputs == "raw":
        return FRAMES * own, FRAMES * seen
    return own + (FRAMES - 1) * (_HISTORY.stop - _HISTORY.start), seen


def join_own(frames: Sequence[Tensor], inputs: str) -> Tensor:
    """Return the robot's features over three frames, newest first."""
    if inputs == "raw":
        return torch.cat(list(frames), -1)
    return torch.cat([frames[0], *(older[..., _HISTORY] for older in frames[1:])], -1)


def join_seen(frames: Sequence[Tensor], inputs: str) -> Tensor:
    """Return the objects' features over three frames, newest first."""
    return torch.cat(list(frames), -1) if inputs == "raw" else frames[0]


def own_features(proprioception: Tensor, normaliser: Normaliser, inputs: str) -> Tensor:
    """Return the robot's features (..., `sizes(inputs)[0]`) of proprioception (..., 43)."""
    if inputs == "raw":
        return normaliser.part(proprioception, slice(0, PROPRIOCEPTION.size))
    # First column of the tool's rotation matrix; the tool points down.
    ahead = matrices_of(proprioception[..., _TURN])[..., :2, 0]
    heading = ahead / torch.sqrt((ahead * ahead).sum(-1, keepdim=True) + 1e-6)
    angle = 2.0 * torch.atan(heading[..., 1:] / (1.0 + heading[..., :1]))
    place = (proprioception[..., _PLACE] - proprioception.new_tensor(WORKSPACE_CENTRE)) / SCALES[0]
    turned = (turned_by(heading) @ place.unsqueeze(-1)).squeeze(-1)
    low = torch.tanh((proprioception[..., _PLACE.stop - 1 : _PLACE.stop] - LOWEST) / SCALES[1])
    feel = normaliser.part(proprioception[..., _FEEL], _FEEL)
    return torch.cat([heading, angle, turned, place[..., :2], low, feel], -1)


def seen_features(objects: Tensor, own: Tensor, normaliser: Normaliser, inputs: str) -> Tensor:
    """Return the objects' features (..., `sizes(inputs)[1]`) of object states (..., 42) and `own_features`."""
    if inputs == "raw":
        return normaliser.part(objects, slice(PROPRIOCEPTION.size, FRAME))
    poses = objects.reshape(*objects.shape[:-1], 6, 7)
    turned = turned_by(own[..., _HEADING])
    away = poses[..., 3:, :3] @ turned.transpose(-1, -2)
    matrices = turned.unsqueeze(-3) @ matrices_of(poses[..., :3, 3:])
    shapes = RECOGNITION(poses[..., :3, 2], matrices)
    places = poses[..., :3, :3] - objects.new_tensor([*WORKSPACE_CENTRE[:2], 0.0])
    scene = scene_of(shapes, away, places, turned, own[..., _ANGLE])
    return torch.cat(
        [
            *scaled(_offsets(scene)),
            shapes.com.flatten(-2) / 0.01,
            places.flatten(-2) / SCALES[0],
            shapes.likely,
            matrices.flatten(-3),
            _outlines(scene),
            (1.0 - shapes.level) / (3.0 * _LEVEL),
            torch.tanh((1.0 - shapes.level - _LEVEL) / (0.3 * _LEVEL)),
            spot.spot(scene),
            push.push(scene),
            room.room(scene),
        ],
        -1,
    )


def to_base(actions: Tensor, own: Tensor, inputs: str) -> Tensor:
    """Return network actions (..., 5) rotated to base axes, given the robot's features `own`."""
    if inputs == "raw":
        return actions
    x, y, cosine, sine = actions[..., 0:1], actions[..., 1:2], own[..., 0:1], own[..., 1:2]
    return torch.cat([cosine * x - sine * y, sine * x + cosine * y, actions[..., 2:]], -1)


def matrices_of(quaternions: Tensor) -> Tensor:
    """Return the rotation matrices (..., 3, 3) of quaternions w x y z (..., 4)."""
    products = (quaternions.unsqueeze(-1) * quaternions.unsqueeze(-2)).flatten(-2)
    entries = products @ products.new_tensor(_PRODUCTS) + products.new_tensor(_IDENTITY)
    return entries.reshape(*quaternions.shape[:-1], 3, 3)


def turned_by(heading: Tensor) -> Tensor:
    """Return the rotations (..., 3, 3) about the vertical from base to tool axes, for headings (..., 2)."""
    entries = heading @ heading.new_tensor(_TURNING) + heading.new_tensor([0, 0, 0, 0, 0, 0, 0, 0, 1])
    return entries.reshape(*heading.shape[:-1], 3, 3)


def _offsets(scene: Scene) -> Tensor:
    """Return offsets from pinch point to centres of mass, and from upper faces to lowest points, flat."""
    com, top = scene.shapes.com + scene.away, scene.shapes.top + scene.away
    lowest = (scene.lowest + scene.away[..., 2]).unsqueeze(-1)
    feet = torch.cat([com[..., :2], lowest], -1)
    # One matrix product instead of six differences.
    apart = feet.new_tensor(_DIFFERENCES) @ torch.cat([feet, top], -2)
    return torch.cat([com, apart], -2).flatten(-2)


def _outlines(scene: Scene) -> Tensor:
    """Return width and middle of each object along each direction, and its lowest and highest point."""
    rise = torch.stack([scene.lowest, scene.highest], -1) + (scene.places[..., 2] - BASKET_FLOOR_Z).unsqueeze(-1)
    high, low = scene.shapes.high, scene.shapes.low
    wide, middle = (high - low) / 0.05 - 1.0, (high + low) / 0.04
    return torch.cat([wide, middle, rise / 0.05], -1).flatten(-2)


def _products() -> list[list[float]]:
    table = np.zeros((4, 4, 9))
    w, x, y, z = range(4)
    for entry, pairs in enumerate(
        [
            [(y, y, -2), (z, z, -2)], [(x, y, 2), (w, z, -2)], [(x, z, 2), (w, y, 2)],
            [(x, y, 2), (w, z, 2)], [(x, x, -2), (z, z, -2)], [(y, z, 2), (w, x, -2)],
            [(x, z, 2), (w, y, -2)], [(y, z, 2), (w, x, 2)], [(x, x, -2), (y, y, -2)],
        ]
    ):  # fmt: skip
        for first, second, factor in pairs:
            table[first, second, entry] = factor
    rows: list[list[float]] = table.reshape(16, 9).tolist()
    return rows


_PRODUCTS = _products()
"""(16, 9): rotation matrix entries as linear combinations of the products of two quaternion components."""
_IDENTITY = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
_TURNING = [[1.0, 0, 0, 0, 1.0, 0, 0, 0, 0], [0, 1.0, 0, -1.0, 0, 0, 0, 0, 0]]
"""(2, 9): rotation matrix entries as linear combinations of cosine and sine."""
