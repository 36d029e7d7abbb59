"""Pictures of the cell.

Writing files and the live view are in modules of their own, as the environment does without their libraries.
"""

from helms_sim.render.gl import NoGlError
from helms_sim.render.renderer import CAMERAS, CellRenderer, check_camera

__all__ = ["CAMERAS", "CellRenderer", "NoGlError", "check_camera"]
