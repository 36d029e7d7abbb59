"""Geometry of the 2F-85's fingertips: opening and reach (own linkage, see robot.xml)."""

import math

CRANK = 0.0575
"""Length of the parallelogram's cranks, m."""
OPEN_ANGLE = math.atan2(0.044, 0.037)
"""Angle of an open crank above the horizontal, rad."""
RANGE = 0.8
"""Angle of the driver joint from open to closed, rad."""
FULL_GAP = 0.0859
"""Distance between the faces of the open fingertips, m."""
HALF_WIDTH = 0.011
"""Half width of a fingertip across the closing axis, m."""
THICKNESS = 0.022
"""Thickness of a finger outside its face, links included, m."""
PAD_HEIGHT = 0.038
"""Height of a fingertip's face, m."""
LOWEST_PINCH = 0.0700
"""Lowest pinch point that the workspace guard lets the tool be driven to, m, base frame."""
_FACE = 0.0132 - 0.00726
_TIP = 0.0609 + 0.0445 - 0.1489


def gap(tics: float) -> float:
    """Distance between the fingertips' faces, m, at a gripper position of 0 to 255 tics."""
    return 2.0 * (_FACE + CRANK * math.cos(OPEN_ANGLE + RANGE * tics / 255.0))


def tics(distance: float) -> float:
    """Gripper position, 0 to 255 tics, at which the faces are `distance` (m) apart; beyond the range it is clipped."""
    cosine = min(max((0.5 * distance - _FACE) / CRANK, -1.0), 1.0)
    return min(max((math.acos(cosine) - OPEN_ANGLE) / RANGE * 255.0, 0.0), 255.0)


def reach(distance: float) -> float:
    """How far the fingertips reach below the pinch point, m, when their faces are `distance` (m) apart."""
    return _TIP + CRANK * math.sin(OPEN_ANGLE + RANGE * tics(distance) / 255.0)
