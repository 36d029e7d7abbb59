"""Pictures, videos and the live view of the cell. Physics never sees what is drawn here."""

from helms_sim.render.files import write_picture, write_video
from helms_sim.render.gl import NoGlError
from helms_sim.render.renderer import CAMERAS, CellRenderer, check_camera
from helms_sim.render.viewer import LiveView

__all__ = ["CAMERAS", "CellRenderer", "LiveView", "NoGlError", "check_camera", "write_picture", "write_video"]
