"""Constants of grasps, pushes and placements: the demonstrator plans with them, affordances show their results."""

import numpy as np

from helms_control.robot import basket, gripper

REACH = 0.12
"""Largest distance of a pinch point from the basket's middle along each axis, m."""
GROUND = 0.003
"""Clearance between fingertips and floor, m."""
PATCH = 0.012
"""Depth of the fingertips below the centre of mass, m."""
WIDEST = 0.078
"""Largest width of a grasp, m."""
FINGER = 0.018
"""Half the width of a finger with clearance, m."""
ASKEW = 0.3
"""Tested deviations of the closing direction from a face's normal, rad."""
WRIST = np.pi / 2 + 0.07
"""Largest rotation of the tool for a grasp, rad: a quarter turn, the wrist's limit, plus a grasp's tolerance."""

LOWEST_TIP = max(basket.FLOOR + 0.008, gripper.LOWEST_PINCH - gripper.reach(0.0))
"""Lowest height of a push, m, base frame."""
HALF_BLADE = 0.02
"""Half width of the closed fingers along the closing axis, m."""
HALF_DEPTH = 0.012
"""Half their width across it, m."""
UNDER = 0.004
"""Clearance of obstacles below the fingertips, m."""
BITE = 0.014
"""Depth of the push below the object's top, m."""
RUN_UP = 0.012
"""Distance between closed fingers and object at the start, m."""
LEAST, MOST = 0.25, 2.0
"""Range of tipping angles, rad."""
BEHIND, BEYOND = 0.008, 0.08
"""Lane of a push along its direction, relative to the start: behind and beyond, m."""
ASIDE = 0.012
"""Half width and height of the lane, m."""
TURNED = 0.2
"""Angular tolerance of the lane, rad."""
WAY = 3.0
"""Travel cost, rad per m."""

_SPREAD = 0.06
SPOTS = [[_SPREAD * x, _SPREAD * y] for y in (-1.0, 0.0, 1.0) for x in (-1.0, 0.0, 1.0)]
"""Placements on the floor, (9, 2), m, from the basket's centre, with clearance to its edge."""
