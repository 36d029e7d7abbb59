"""The shape of an RGB object: a prism described by a few numbers, and its vertices.

The formula was fitted to the vertices of all 152 meshes of the RGB objects (DeepMind's RGB-stacking), which it meets
within 0.0001 mm, the precision of the meshes.

Shape letters: N sides of the cross-section.
"""

import math
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError

Array = npt.NDArray[np.float64]

_PUBLISHED = re.compile(
    r"(?P<name>[a-z]\d+)_sds(\d+)_shr(\d+)_drf(?P<draft>\d+)_hlw(?P<hollow>\d+)_shx(\d+)_shy(\d+)_scx(\d+)_scy(\d+)_scz(\d+)"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A prism along z with a convex cross-section, centred at the mean of its vertices.

    Raises:
        HelmsError: a number out of its range, or a cross-section that is not convex.
    """

    sides: int
    """Sides of the cross-section, at least 3."""
    shrink_percent: float
    """Taper: the width in y at x = 1 is smaller by this share, at x = -1 larger; 0 to below 100."""
    shear_x_deg: float
    """Lean towards x with height, before scaling; within +-90 degrees."""
    shear_y_deg: float
    """Lean towards y with height, before scaling; within +-90 degrees."""
    scale_mm: tuple[float, float, float]
    """Scale along x, y and z; a cube's edges."""

    def __post_init__(self) -> None:
        """Check that the solid is convex."""
        if self.sides < 3:
            raise HelmsError(f"a prism has at least 3 sides; got sides={self.sides!r}.")
        if not 0.0 <= self.shrink_percent < 100.0:
            raise HelmsError(f"shrink_percent must be in [0, 100); got {self.shrink_percent!r}.")
        if not all(abs(shear) < 90.0 for shear in (self.shear_x_deg, self.shear_y_deg)):
            raise HelmsError(f"shears must be within +-90 degrees; got {self.shear_x_deg!r} and {self.shear_y_deg!r}.")
        if len(self.scale_mm) != 3 or not all(0.0 < scale < math.inf for scale in self.scale_mm):
            raise HelmsError(f"scale_mm must be three finite numbers > 0; got {self.scale_mm!r}.")
        if not _is_convex(cross_section(self)):
            raise HelmsError(
                f"{self.sides} sides with shrink_percent={self.shrink_percent!r} are not convex; shrink less."
            )


def parse_name(published: str) -> tuple[str, Shape]:
    """Read the name of a mesh, such as "r3_sds4_shr75_drf0_hlw0_shx0_shy0_scx41_scy49_scz71".

    Returns:
        The short name ("r3") and the shape.

    Raises:
        HelmsError: another format, or a draft or hollow that is not 0 (no RGB object has one).
    """
    match = _PUBLISHED.fullmatch(published)
    if match is None:
        raise HelmsError(
            f"{published!r} names no shape; expected <short name>_sds#_shr#_drf0_hlw0_shx#_shy#_scx#_scy#_scz#."
        )
    if int(match["draft"]) or int(match["hollow"]):
        raise HelmsError(f"{published!r} has a draft or is hollow; only drf0 and hlw0 can be built.")
    sides, shrink, _, _, shear_x, shear_y, *scale = (int(number) for number in match.groups()[1:])
    return match["name"], Shape(sides, shrink, shear_x, shear_y, (scale[0], scale[1], scale[2]))


def cross_section(shape: Shape) -> Array:
    """Return the unscaled cross-section (N, 2), counterclockwise.

    A regular polygon, a vertex on x (N odd) or an edge across it (N even), tapered along x. It is sized so that the
    regular polygon with the tapered first edge and that edge's distance from the centre would have unit area: N / 2
    times edge times distance. Without taper that is its area.
    """
    turn = 2.0 * math.pi / shape.sides
    angles = turn * (np.arange(shape.sides) + (0.0 if shape.sides % 2 else 0.5))
    x = np.cos(angles)
    points = np.column_stack((x, (1.0 - shape.shrink_percent / 100.0 * x) * np.sin(angles)))
    first, second = points[:2]
    edge, distance = np.linalg.norm(second - first), np.linalg.norm(second + first) / 2.0
    return np.asarray(points / np.sqrt(shape.sides / 2.0 * edge * distance))


def vertices(shape: Shape) -> Array:
    """Return the vertices (2 N, 3), metres: the bottom ring, then the top ring, both counterclockwise from above.

    Vertex N + i is straight over vertex i, but for the shear. The origin is the mean of the vertices; a tapered prism's
    centre of mass lies elsewhere.
    """
    base = cross_section(shape)
    lean = np.tan(np.deg2rad([shape.shear_x_deg, shape.shear_y_deg]))
    rings = [np.column_stack((base + z * lean, np.full(shape.sides, z))) for z in (-0.5, 0.5)]
    return np.concatenate(rings) * (np.array(shape.scale_mm) / 1000.0)


def _is_convex(polygon: Array) -> bool:
    """Tell whether a counterclockwise polygon (N, 2) turns left at every vertex."""
    edges = np.roll(polygon, -1, axis=0) - polygon
    following = np.roll(edges, -1, axis=0)
    return bool(np.all(edges[:, 0] * following[:, 1] > edges[:, 1] * following[:, 0]))
