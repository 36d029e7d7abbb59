"""The basket of the contract, base frame.

Source: RGB-stacking environment (DeepMind), rgb_basket.py. The simulated cell has the same numbers
(`helms_sim/scene/mjcf/cell.xml`), which a test compares.
"""

import math

CENTRE = (0.6, 0.0)
"""Centre of the floor, m."""
FLOOR = 0.0498
"""Height of the floor, m."""
FLAT = 0.1216
"""Half the width of the flat floor, m; beyond it, the sides rise."""
TILT = 0.44506
"""Angle between floor and sides, rad."""
HALF_WIDTH = 0.25
"""Half the width of the basket, m."""
SLOPE = math.tan(TILT)
"""Rise of the sides."""
