"""Features of grasp candidates: rotation of the tool and clearance of the fingers.

The fingers close across pairs of parallel faces. The clearance of the open fingers beside an object is computed for a
fan of tool angles: to its neighbours, by separating axes every 30 degrees, and to the basket's sloping sides. That of a
candidate is interpolated between the two nearest angles.
"""

import numpy as np
import torch
from torch import Tensor

from helms_learning.models.recognition import DIRECTIONS
from helms_learning.models.scene import OUTWARD, Scene
from helms_control.robot import gripper
from helms_sim.expert.grasp import ASKEW, FINGER, GROUND, LOWEST, PATCH, WIDEST
from helms_sim.expert.options import WRIST
from helms_sim.expert.view import FLAT, FLOOR, SLOPE

CHOICES = 2
"""Number of grasps for each object."""
SIZE = 3 * (5 * CHOICES + DIRECTIONS + 1) + 3
"""Number of features."""
_UPRIGHT = 0.95
"""Horizontal length of a vertical face's normal, at least; a missing unit costs 20 rad."""
AIM = 0.2
"""Fine scale of angles, rad."""
_ROOM = 0.01
"""Scale of clearance, m."""
_BLOCKED = 200.0
"""Cost of missing clearance, rad per m."""
_WORSE = 3.5
"""Cost of a grasp askew, rad."""
_NEVER = 9.0
"""Cost of an impossible grasp, rad."""
_SPARE = 0.004
"""Clearance between the fingertips and objects below them, m."""
_LOW = max(FLOOR + GROUND, LOWEST - gripper.reach(0.05))
"""Lowest height of the fingertips, m, base frame."""
_INNER, _OUTER = 0.5 * gripper.FULL_GAP - 0.002, 0.5 * gripper.FULL_GAP + gripper.THICKNESS

_LOOKS = 6
_ANGLES = [index * np.pi / _LOOKS for index in range(_LOOKS)]
_MIDDLES = [0.5 * (_INNER + _OUTER) * np.cos(a) for a in _ANGLES]
_REACHES = [0.5 * (_OUTER - _INNER) * abs(np.cos(a)) + FINGER * abs(np.sin(a)) for a in _ANGLES]
_NEAR = [middle - reach for middle, reach in zip(_MIDDLES, _REACHES, strict=True)]
_FAR = [middle + reach for middle, reach in zip(_MIDDLES, _REACHES, strict=True)]
"""Extent of the finger on the positive side along each direction, m; the other one mirrors it."""
_FINGERS = [[0.5 * gripper.FULL_GAP + 0.015, gripper.HALF_WIDTH], [gripper.HALF_WIDTH, 0.5 * gripper.FULL_GAP + 0.015]]
"""Half the extent of both fingers along x and y (columns), by component of the closing direction (rows), m."""
_STEP = np.pi / DIRECTIONS
_FAN = [[-np.sin(a), np.cos(a)] for a in np.arange(DIRECTIONS) * _STEP]
"""(12, 2): closing direction of the fingers for each rotation of the tool, +y for none; tool axes."""
_BEGIN = DIRECTIONS // 2
_INDEX = [
    [(_BEGIN + turn + DIRECTIONS // _LOOKS * look) % (2 * DIRECTIONS) for look in range(_LOOKS)]
    for turn in range(DIRECTIONS)
]
"""(12, 6): indices into `scene.OUTWARD` of the separating axes, for each rotation of the tool."""


def room(scene: Scene) -> Tensor:
    """Return the grasps and their clearance, (..., SIZE).

    Returns:
        For each object two grasps, of least cost with and without regard to clearance: rotation of the tool, rad, the
        same on a fine scale, the tool's angle afterwards, the horizontal length of the faces' normals, and the
        clearance. Then for each object the clearance with the tool rotated by 0, 15, ..., 165 degrees, and unrotated on
        a coarse scale; and for each object the clearance of the fingers at their current position.
    """
    up, away = scene.places[..., 2], scene.away[..., 2]
    tops = scene.highest + away
    tips = (up + scene.shapes.com[..., 2] - PATCH).clamp_min(_LOW)
    above = (tips - _SPARE - up + away).unsqueeze(-2) - tops.unsqueeze(-1) + 9.0 * torch.eye(3).to(tops)
    beside, landing = _neighbours(scene, above.unsqueeze(-1))
    free = torch.minimum(beside, _walls(scene, tips))
    landing = torch.tanh(torch.maximum(landing, -tops) / _ROOM)
    fan = torch.tanh(free / _ROOM).flatten(-2)
    return torch.cat([_grasps(scene, free), fan, free[..., 0] / 0.05, landing], -1)


def either_way(turn: Tensor) -> Tensor:
    """Return rotations (..., n), rad, and those half a turn away, (..., n, 3), which give the same grasp."""
    return turn.unsqueeze(-1) + turn.new_tensor([-np.pi, 0.0, np.pi])


def turn_within_wrist(turn: Tensor, angle: Tensor) -> Tensor:
    """Return rotations (..., 3, n), rad, modulo half a turn: the smallest that the wrist reaches from (..., 1)."""
    turns = either_way(turn)
    best = (turns.abs() + beyond_wrist(turns, angle)).argmin(-1, keepdim=True)
    return turns.gather(-1, best).squeeze(-1)


def beyond_wrist(turns: Tensor, angle: Tensor) -> Tensor:
    """Return the cost of rotations (..., 3, n, 3) beyond the wrist's range, rad."""
    return 100.0 * ((turns + angle[..., None, None]).abs() - WRIST).clamp_min(0.0)


def _neighbours(scene: Scene, above: Tensor) -> tuple[Tensor, Tensor]:
    """Return the clearance to the other objects, (..., 3, 12), and that at the current position, (..., 3), m."""
    index = torch.tensor(_INDEX, device=scene.away.device).flatten()
    lead, reach, com = scene.away.shape[:-2], scene.reach, scene.shapes.com + scene.away
    high = reach[..., index].reshape(*lead, 3, 1, DIRECTIONS, _LOOKS)
    low = -reach[..., (index + DIRECTIONS) % (2 * DIRECTIONS)].reshape(*lead, 3, 1, DIRECTIONS, _LOOKS)
    middle = (com[..., :2] @ com.new_tensor(OUTWARD))[..., index].reshape(*lead, 1, 3, DIRECTIONS, _LOOKS)
    landing = _gap(low[..., 0, 0, :], high[..., 0, 0, :])
    return torch.maximum(_gap(low - middle, high - middle), above).amin(-3), landing


def _gap(low: Tensor, high: Tensor) -> Tensor:
    """Return the clearance of both fingers, m, from extents (..., 6) along six directions; negative: overlap."""
    near, far = low.new_tensor(_NEAR), low.new_tensor(_FAR)
    first = torch.maximum(low - far, near - high).amax(-1)
    second = torch.maximum(low + near, -far - high).amax(-1)
    return torch.minimum(first, second)


def _walls(scene: Scene, tips: Tensor) -> Tensor:
    """Return the clearance to the basket's sides, (..., 3, 12), m."""
    flat = scene.turned[..., :2, :2]
    along = (flat.new_tensor(_FAN) @ flat).abs() @ flat.new_tensor(_FINGERS)
    com = (scene.places[..., :2] + scene.shapes.com[..., :2] @ flat).abs()
    reach = (com.unsqueeze(-2) + along.unsqueeze(-3)).amax(-1)
    rise = (tips + 0.001 - FLOOR) / float(SLOPE)
    return FLAT + rise.unsqueeze(-1) - reach


def _grasps(scene: Scene, free: Tensor) -> Tensor:
    """Return the two grasps of each object, (..., 3 * 5 * CHOICES)."""
    x, y = scene.shapes.pairs[..., 0], scene.shapes.pairs[..., 1]
    wide = (scene.shapes.widths > WIDEST).to(x)
    lies = torch.sqrt(x * x + y * y + 1e-6)
    # Across the faces, or askew by `ASKEW` either way.
    left = torch.atan(-x / (y + 1e-6))
    left = torch.cat([left, left - ASKEW, left + ASKEW], -1)
    lies, wide = (torch.cat([each, each, each], -1) for each in (lies, wide))
    askew = torch.arange(left.shape[-1], device=left.device) >= x.shape[-1]
    # Linear interpolation over the fan, which has a period of half a turn.
    apart = left.unsqueeze(-1) - torch.arange(DIRECTIONS, device=left.device) * _STEP
    apart = torch.stack([apart, apart + np.pi, apart - np.pi])
    shares = (1.0 - apart.abs() / _STEP).clamp_min(0.0).sum(0)
    free = (shares @ free.unsqueeze(-1)).squeeze(-1)
    left = either_way(left)
    worse = 20.0 * (_UPRIGHT - lies).clamp_min(0.0) + _WORSE * askew.to(lies) + _NEVER * wide
    way = left.abs() + beyond_wrist(left, scene.angle) + worse.unsqueeze(-1)
    blocked = way + (_BLOCKED * (-free).clamp(0.0, 0.03)).unsqueeze(-1)
    best = torch.stack([blocked, way], -3).flatten(-2).argmin(-1, keepdim=True)
    known = torch.stack([left, *(each.unsqueeze(-1).expand_as(left) for each in (lies, free))], -4).flatten(-2)
    known = known.unsqueeze(-2).expand(*known.shape[:-1], CHOICES, known.shape[-1])
    turn, lies, free = known.gather(-1, best.unsqueeze(-4).expand(*known.shape[:-1], 1)).squeeze(-1).unbind(-3)
    parts = [turn, torch.tanh(turn / AIM), turn + scene.angle[..., None], lies, torch.tanh(free / _ROOM)]
    return torch.cat(parts, -1).flatten(-2)
