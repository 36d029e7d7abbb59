"""Grasp planning: search over tool angles, positions and heights on the object's surface."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.features.plan import ASKEW, FINGER, GROUND, PATCH, REACH, WIDEST
from helms_control.robot import gripper
from helms_control.robot.gripper import LOWEST_PINCH
from helms_sim.expert.view import CENTRE, FLOOR, Solid, floor_height

Array = npt.NDArray[np.float64]

_CONTACT = 0.0015
_APART = 0.2
"""Smallest difference between tested angles, rad."""
_SHIFTED = 0.3
"""Weight of the distance to the centre of mass; see `_NARROW`."""
_NARROW = 0.5
"""Cost of a grasp that needs half-closed fingers on the way down: its reason is hard to learn from observations."""
_NEAR = 0.2
"""Radius around the centre of mass that the fingers can reach, m; points beyond are ignored."""


@dataclass(frozen=True, slots=True)
class Grasp:
    """A grasp candidate: tool pose at which the fingers close.

    Attributes:
        position: (3,) pinch point, m, base frame.
        yaw: rotation of the tool about base +z, rad, within a quarter turn.
        width: distance between the contacts, m.
        opening: distance of the fingertips on the way down, m.
        score: the higher, the better; below 0 it is not expected to hold.
    """

    position: Array
    yaw: float
    width: float
    opening: float
    score: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed grasp, in the object's frame, so that it is recognised after the object has moved."""

    axis: Array
    """(3,) closing direction."""
    middle: Array
    """(3,) pinch point, m."""

    @staticmethod
    def of(grasp: Grasp, solid: Solid) -> "Failure":
        """Store a grasp of an object."""
        axis = np.array([*closing_axis(grasp.yaw), 0.0])
        return Failure(solid.rotation.T @ axis, solid.rotation.T @ (grasp.position - solid.origin))

    def repeats(self, grasp: Grasp, solid: Solid) -> bool:
        """Whether a grasp is within 15 degrees and 10 mm."""
        other = Failure.of(grasp, solid)
        return bool(abs(self.axis @ other.axis) > 0.966 and np.linalg.norm(self.middle - other.middle) < 0.01)


def closing_axis(yaw: float) -> Array:
    """Unit vector (2,) along which the fingers close, base axes."""
    return np.array([np.sin(yaw), -np.cos(yaw)])


def candidate_yaws(solid: Solid) -> Array:
    """Candidate tool angles, rad in [-pi/2, pi/2): across each steep face, and a little askew."""
    steep = solid.directions[np.abs(solid.directions[:, 2]) < 0.7]
    # Opposite faces give the same angle.
    across = np.unique(np.round(np.arctan2(steep[:, 0], -steep[:, 1]) % np.pi, 3))
    askew = np.concatenate([across - ASKEW, across + ASKEW])
    apart = np.abs((askew[:, None] - across + np.pi / 2) % np.pi - np.pi / 2)
    askew = askew[(apart > _APART).all(axis=1)]
    return (np.concatenate([across, askew]) + np.pi / 2) % np.pi - np.pi / 2


def plan_grasps(solid: Solid, others: Iterable[Solid], yaw_now: float | None, yaws: Array | None = None) -> list[Grasp]:
    """Rank the grasps of an object that clear everything else.

    Args:
        solid: the object.
        others: obstacles of the fingers.
        yaw_now: current rotation of the tool, rad, for the cost of turning; None for no cost.
        yaws: tool angles to try, rad; None for all of `candidate_yaws`.

    Returns:
        Grasps, best first; empty when nothing can be reached.
    """
    obstacles = [other.points for other in others]
    blocked = np.concatenate(obstacles) if obstacles else np.zeros((0, 3))
    blocked = blocked[np.abs(blocked[:, :2] - solid.com[:2]).max(axis=1) < _NEAR]
    # Contiguous, for faster products.
    surface = np.ascontiguousarray(solid.points[:, :2])
    grasps = []
    for yaw in (candidate_yaws(solid) if yaws is None else yaws).tolist():
        for along in (0.0, -0.012, 0.012, -0.024, 0.024):
            section = _section(solid, surface, blocked, yaw, along)
            if section is None:
                continue
            for lift in (0.0, 0.012, -0.010, 0.024):
                grasp = _try(solid, section, lift, yaw_now)
                if grasp is not None:
                    grasps.append(grasp)
    return sorted(grasps, key=lambda grasp: -grasp.score)


@dataclass(frozen=True, slots=True)
class _Section:
    """Surface samples and obstacles of the pads, for one tool angle and one place along the object."""

    yaw: float
    along: float
    centre: Array
    """(2,) of the pads, m."""
    axis: Array
    """(2,) closing direction."""
    side: Array
    """(2,) across it."""
    depth: Array
    """(S,) of the samples of the surface between the edges of the pads, along the axis, m."""
    height: Array
    """(S,) of these samples, base frame, m."""
    normals: Array
    """(S, 3) of these samples."""
    blocked: Array
    """(B, 3) obstacle points, m."""


def _section(solid: Solid, surface: Array, blocked: Array, yaw: float, along: float) -> _Section | None:
    axis = closing_axis(yaw)
    side = np.array([-axis[1], axis[0]])
    centre = solid.com[:2] + along * side
    offsets = surface - centre
    slab = np.abs(offsets @ side) < gripper.HALF_WIDTH - 0.001
    if not slab.any():
        return None
    depth = (offsets @ axis)[slab]
    if float(np.ptp(depth)) > WIDEST:
        return None
    near = np.abs((blocked[:, :2] - centre) @ side) < FINGER + 1e-6
    return _Section(yaw, along, centre, axis, side, depth, solid.points[slab, 2], solid.normals[slab], blocked[near])


def _try(solid: Solid, section: _Section, lift: float, yaw_now: float | None) -> Grasp | None:
    yaw, along, axis, depth = section.yaw, section.along, section.axis, section.depth
    # Pads centred on the centre of mass where the floor allows it.
    reach = gripper.reach(float(np.ptp(depth)))
    height = max(solid.com[2] + lift + reach - PATCH, LOWEST_PINCH, FLOOR + GROUND + reach)
    tip = height - reach
    band = (section.height > tip) & (section.height < tip + gripper.PAD_HEIGHT)
    if np.count_nonzero(band) < 4:
        return None
    reached = depth[band]
    high, low = reached.max(), reached.min()
    middle = 0.5 * (high + low)
    position = np.array([*(section.centre + middle * axis), height])
    width = float(high - low)
    if np.abs(position[:2] - CENTRE).max() > REACH + 0.004:
        return None
    opening = _opening(section, position, width, tip)
    if opening is None:
        return None
    normals = section.normals[band]
    hold_high = _hold(normals, reached > high - _CONTACT, axis)
    hold_low = _hold(normals, reached < low + _CONTACT, -axis)
    turn = 0.0 if yaw_now is None else abs((yaw - yaw_now + np.pi / 2) % np.pi - np.pi / 2)
    lever = abs(along) + abs(solid.com[2] - (tip + PATCH)) * 0.5
    overlap = min(section.height.max() - tip, 0.015)
    score = min(hold_high, hold_low) - 10.0 * lever - 0.05 * turn + 10.0 * (overlap - 0.015)
    if opening < gripper.FULL_GAP:
        score -= _NARROW
    if along != 0.0:
        score -= _SHIFTED
    return Grasp(position, yaw, width, opening, score)


def _hold(normals: Array, contact: npt.NDArray[np.bool_], axis: Array) -> float:
    """Quality of a pad's contact: 1 for a parallel face, 0 at the edge of the friction cone (26.6 degrees)."""
    cosine = normals[contact][:, :2] @ axis
    # A pad aligns with the flattest part of its contact.
    return (_quantile(cosine, 0.8) - 0.894) / 0.106


def _quantile(values: Array, share: float) -> float:
    """`numpy.quantile` of a few values, with a tenth of its overhead."""
    ordered = np.sort(values).tolist()
    place = share * (len(ordered) - 1)
    index = int(place)
    t, low, high = place - index, ordered[index], ordered[min(index + 1, len(ordered) - 1)]
    return float(low + (high - low) * t if t < 0.5 else high - (high - low) * (1.0 - t))


def _opening(section: _Section, position: Array, width: float, tip: float) -> float | None:
    """Widest opening, m, with which both fingers come down without hitting anything; None if there is none."""
    blocked, axis, side = section.blocked, section.axis, section.side
    reaches = blocked[:, :2] - position[:2]
    near = np.abs(reaches @ side) < FINGER
    near &= blocked[:, 2] > tip - 0.004
    depths = np.abs(reaches[near] @ axis)
    for opening in (gripper.FULL_GAP, width + 0.024, width + 0.014, width + 0.009):
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
