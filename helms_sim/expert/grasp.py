"""Where to grasp: try tool angles, positions and heights on the object's true surface and keep the best."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_sim.expert import gripper
from helms_sim.expert.view import CENTRE, FLOOR, Solid, floor_height

Array = npt.NDArray[np.float64]

LOWEST = 0.0700
"""Lowest pinch point that the workspace guard lets the tool be driven to, m."""
REACH = 0.12
"""Largest distance of a pinch point from the basket's middle along each axis, m."""
_GROUND = 0.003
_CONTACT = 0.0015
_PATCH = 0.012


@dataclass(frozen=True, slots=True)
class Grasp:
    """A tool pose to close the fingers at.

    Attributes:
        position: (3,) pinch point, m, base frame.
        yaw: rotation of the tool about base +z, rad, within a quarter turn.
        width: distance between the contacts, m.
        opening: distance of the fingertips while the tool comes down, m.
        score: the higher, the better; below 0 it is not expected to hold.
    """

    position: Array
    yaw: float
    width: float
    opening: float
    score: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A grasp that did not hold, in the object's own frame, so that it is known again after the object has moved."""

    axis: Array
    """(3,) direction the fingers closed along."""
    middle: Array
    """(3,) pinch point, m."""

    @staticmethod
    def of(grasp: Grasp, solid: Solid) -> "Failure":
        """Remember a grasp of an object."""
        axis = np.array([*closing_axis(grasp.yaw), 0.0])
        return Failure(solid.rotation.T @ axis, solid.rotation.T @ (grasp.position - solid.origin))

    def repeats(self, grasp: Grasp, solid: Solid) -> bool:
        """Whether a grasp is much the same: within 15 degrees and 10 mm."""
        other = Failure.of(grasp, solid)
        return bool(abs(self.axis @ other.axis) > 0.966 and np.linalg.norm(self.middle - other.middle) < 0.01)


def closing_axis(yaw: float) -> Array:
    """Unit vector (2,) along which the fingers close, base axes."""
    return np.array([np.sin(yaw), -np.cos(yaw)])


def candidate_yaws(solid: Solid) -> Array:
    """Tool angles worth trying, rad in [-pi/2, pi/2): across each steep face, and a regular fan."""
    steep = solid.directions[np.abs(solid.directions[:, 2]) < 0.7]
    across = np.arctan2(steep[:, 0], -steep[:, 1])
    fan = np.linspace(-np.pi / 2, np.pi / 2, 12, endpoint=False)
    return (np.concatenate([across, fan]) + np.pi / 2) % np.pi - np.pi / 2


def plan_grasps(solid: Solid, others: Iterable[Solid], yaw_now: float) -> list[Grasp]:
    """Rank the grasps of an object that clear everything else.

    Args:
        solid: the object.
        others: what the fingers must not hit.
        yaw_now: present rotation of the tool, rad; turning costs time.

    Returns:
        Grasps, best first; empty when nothing can be reached.
    """
    obstacles = [other.points for other in others]
    blocked = np.concatenate(obstacles) if obstacles else np.zeros((0, 3))
    grasps = []
    for yaw in candidate_yaws(solid):
        for along in (0.0, -0.012, 0.012, -0.024, 0.024):
            for lift in (0.0, 0.012, -0.010, 0.024):
                grasp = _try(solid, blocked, float(yaw), along, lift, yaw_now)
                if grasp is not None:
                    grasps.append(grasp)
    return sorted(grasps, key=lambda grasp: -grasp.score)


def _try(solid: Solid, blocked: Array, yaw: float, along: float, lift: float, yaw_now: float) -> Grasp | None:
    axis = closing_axis(yaw)
    side = np.array([-axis[1], axis[0]])
    centre = solid.com[:2] + along * side
    across = (solid.points[:, :2] - centre) @ side
    depth = (solid.points[:, :2] - centre) @ axis
    slab = np.abs(across) < gripper.HALF_WIDTH - 0.001
    if not slab.any():
        return None
    width = float(np.ptp(depth[slab]))
    if width > 0.078:
        return None
    # Pads centred on the centre of mass where the floor allows it.
    reach = gripper.reach(width)
    height = max(solid.com[2] + lift + reach - _PATCH, LOWEST, FLOOR + _GROUND + reach)
    tip = height - reach
    band = slab & (solid.points[:, 2] > tip) & (solid.points[:, 2] < tip + gripper.PAD_HEIGHT)
    if band.sum() < 4:
        return None
    reached = depth[band]
    high, low = reached.max(), reached.min()
    normals = solid.normals[band]
    hold_high, hold_low = (
        _hold(normals, reached > high - _CONTACT, axis),
        _hold(normals, reached < low + _CONTACT, -axis),
    )
    middle = 0.5 * (high + low)
    position = np.array([*(centre + middle * axis), height])
    width = float(high - low)
    opening = _opening(solid, blocked, position, axis, side, width, tip)
    if opening is None or np.abs(position[:2] - CENTRE).max() > REACH + 0.004:
        return None
    turn = abs((yaw - yaw_now + np.pi / 2) % np.pi - np.pi / 2)
    lever = abs(along) + abs(solid.com[2] - (tip + _PATCH)) * 0.5
    overlap = min(solid.points[slab][:, 2].max() - tip, 0.015)
    score = min(hold_high, hold_low) - 10.0 * lever - 0.05 * turn + 10.0 * (overlap - 0.015)
    return Grasp(position, yaw, width, opening, score)


def _hold(normals: Array, contact: npt.NDArray[np.bool_], axis: Array) -> float:
    """How well a pad presses on the samples it meets: 1 flat on, 0 at the edge of the friction cone (26.6 degrees)."""
    cosine = normals[contact][:, :2] @ axis
    # A pad comes to lie on the flattest part of what it meets.
    return float((np.quantile(cosine, 0.8) - 0.894) / 0.106)


def _opening(
    solid: Solid, blocked: Array, position: Array, axis: Array, side: Array, width: float, tip: float
) -> float | None:
    """Widest opening, m, with which both fingers come down without hitting anything; None if there is none."""
    reaches = (blocked[:, :2] - position[:2]) if len(blocked) else np.zeros((0, 2))
    near = np.abs(reaches @ side) < 0.018
    near &= blocked[:, 2] > tip - 0.004
    depths = np.abs(reaches[near] @ axis)
    for opening in (min(width + 0.040, gripper.FULL_GAP), width + 0.024, width + 0.014, width + 0.009):
        if opening > gripper.FULL_GAP:
            continue
        inner, outer = 0.5 * opening - 0.002, 0.5 * opening + gripper.THICKNESS
        if ((depths > inner) & (depths < outer)).any():
            continue
        ends = position[:2] + np.outer([-1.0, 1.0], axis) * (0.5 * opening + 0.015)
        corners = np.concatenate([ends + gripper.HALF_WIDTH * side, ends - gripper.HALF_WIDTH * side])
        if (floor_height(corners) > tip + 0.001).any():
            continue
        return opening
    return None
