"""Features of the push that tips a slanted object over: start and direction, as `expert.topple` plans them.

The object is tipped onto a face that has a parallel one, which is then level, by the smallest angle. The faces follow
from the recognised shape, the position of the tool beside the object from its outline.
"""

import torch
from torch import Tensor

from helms_learning.models.layers import scaled
from helms_learning.models.recognition import Shapes
from helms_learning.models.room import AIM, turn_within_wrist
from helms_learning.models.scene import OUTWARD, Scene
from helms_control.robot import gripper
from helms_sim.expert.grasp import REACH
from helms_sim.expert.topple import (
    ASIDE,
    BEHIND,
    BEYOND,
    BITE,
    HALF_BLADE,
    HALF_DEPTH,
    LEAST,
    LOWEST_TIP,
    MOST,
    RUN_UP,
    TURNED,
    UNDER,
    WAY,
)
from helms_sim.expert.view import FLAT, FLOOR, SLOPE

SIZE = 3 * 17
"""Number of features."""
_BESIDE = gripper.HALF_WIDTH + RUN_UP
"""Distance from the pinch point to the object's side at the start, m."""
_EDGE = 0.003
"""Scale of the distance to the lane's edge, m."""
_LEVER = 0.03
"""Weight of the angle between tool and lane, m/rad."""
_UNPAIRED = 0.05
"""Scale of the difference in cosines between the lowest face and the most horizontal paired face."""
_LEAN = 0.03
"""Largest horizontal offset of a side between the height of the push and its top, m."""
_ROOM = 0.02
"""Half the width of the closed fingers with clearance, m."""
_NEVER = 9.0
"""Cost of an impossible direction, rad."""


def push(scene: Scene) -> Tensor:
    """Return the push of each object, (..., SIZE).

    Returns:
        For each object: start relative to the pinch point, tool axes, three scales; direction; rotation of the tool,
        rad, and the same on a fine scale; tipping angle, rad; clearance; margin of the tool within the push's lane, -1
        to 1; and whether the object lies slanted, near 0 or 1.
    """
    shapes, away, places = scene.shapes, scene.away, scene.places
    # Both faces of each pair.
    normals = torch.cat([shapes.pairs, -shapes.pairs], -2)
    squares = (normals[..., :2] ** 2).sum(-1)
    across = torch.sqrt(squares + 1e-6)
    ways = normals[..., :2] / across.unsqueeze(-1)
    tips = 0.5 * torch.pi + torch.atan(normals[..., 2] / across)
    top = places[..., 2] + scene.highest
    tip = (top - BITE).clamp_min(LOWEST_TIP)
    under = (shapes.corners[..., 2] + places[..., 2:] < tip.unsqueeze(-1)).to(ways)
    near = (shapes.corners[..., :2] @ ways.transpose(-1, -2) + _NEVER * under.unsqueeze(-1)).amin(-2)
    # The pushed side is inclined by pi / 2 minus the tipping angle: it is nearer to the tool lower down.
    depth = (top - tip).unsqueeze(-1)
    near = near - (-depth * normals[..., 2] / across).clamp(0.0, _LEAN)
    com = shapes.com[..., :2].unsqueeze(-2)
    begin = com + (near - _BESIDE - (com * ways).sum(-1)).unsqueeze(-1) * ways
    place = places[..., :2].unsqueeze(-2) + begin @ scene.turned[..., None, :2, :2]
    outside = (place.abs().amax(-1) - REACH).clamp_min(0.0)
    floor = _floor(place, ways @ scene.turned[..., None, :2, :2])
    wrong = (floor > tip.unsqueeze(-1)) | (tips < LEAST) | (tips > MOST) | (squares + normals[..., 2] ** 2 < 0.5)
    way = torch.sqrt(((begin + away[..., None, :2]) ** 2).sum(-1) + 1e-6)
    cost = tips + WAY * way + _NEVER * wrong.to(tips) + 100.0 * outside
    # The push of least cost (angle and travel); the second where the first has no clearance.
    index = torch.topk(cost, 2, largest=False).indices.unsqueeze(-1)
    known = torch.cat([begin + away[..., None, :2], ways, tips.unsqueeze(-1)], -1)
    both = known.gather(-2, index.expand(*index.shape[:-1], known.shape[-1]))
    room = _room(scene, both[..., :2], top, tip)
    first = (room[..., :1] > -0.5 * _ROOM).to(room)
    best = first * both[..., 0, :] + (1.0 - first) * both[..., 1, :]
    chosen = first * room[..., :1] + (1.0 - first) * room[..., 1:]
    height = (tip + gripper.reach(0.0) - places[..., 2] + away[..., 2]).unsqueeze(-1)
    start = torch.cat([best[..., :2], height], -1)
    turn = turn_within_wrist(torch.atan(best[..., 3:4] / (best[..., 2:3] + 1e-6)), scene.angle)
    aim, free = torch.tanh(turn / AIM), torch.tanh(chosen / _ROOM)
    lane = torch.tanh(_within_lane(start, best[..., 2:4], turn) / _EDGE)
    parts = [*scaled(start), best[..., 2:4], turn, aim, best[..., 4:], free, lane, _slanted(scene.shapes)]
    return torch.cat(parts, -1).flatten(-2)


def _within_lane(start: Tensor, way: Tensor, turn: Tensor) -> Tensor:
    """Return the margin of the tool within a push's lane, (..., 1), m; negative outside; see `topple.shove`."""
    ahead = -(start[..., :2] * way).sum(-1, keepdim=True)
    aside = start[..., :1] * way[..., 1:] - start[..., 1:2] * way[..., :1]
    far = torch.cat([aside.abs(), start[..., 2:].abs()], -1)
    inside = [ahead + BEHIND, BEYOND - ahead, ASIDE - far, _LEVER * (TURNED - turn.abs())]
    margin: Tensor = torch.cat(inside, -1).amin(-1, keepdim=True)
    return margin


def _slanted(shapes: Shapes) -> Tensor:
    """Return whether the face that an object lies on has no parallel face, (..., 1); see `topple.lies_slanted`."""
    paired = shapes.pairs[..., 2].abs().amax(-1)
    return torch.tanh((shapes.under - paired) / _UNPAIRED).unsqueeze(-1)


def _floor(points: Tensor, ways: Tensor) -> Tensor:
    """Return the highest floor, m, under the closed fingers at points (..., n, 2) with directions (..., n, 2)."""
    corners = points.abs() + HALF_DEPTH * ways.abs() + HALF_BLADE * ways.abs().flip(-1)
    height: Tensor = FLOOR + float(SLOPE) * (corners.amax(-1) - FLAT).clamp_min(0.0)
    return height


def _room(scene: Scene, starts: Tensor, top: Tensor, tip: Tensor) -> Tensor:
    """Return the clearance (..., 3, 2), m, at points (..., 3, 2, 2) to other objects that reach the fingertips."""
    beyond = (starts @ starts.new_tensor(OUTWARD)).unsqueeze(-4) - scene.reach[..., None, None, :]
    free = (top.unsqueeze(-1) < tip.unsqueeze(-2) - UNDER) | torch.eye(3, dtype=torch.bool, device=tip.device)
    nearest: Tensor = (beyond.amax(-1) + _NEVER * free.to(starts).unsqueeze(-1)).amin(-3)
    return nearest - _ROOM
