"""Pictures, videos and the live view of the cell. Physics never sees what is drawn here."""

from helms_sim.render.files import write_picture, write_video
from helms_sim.render.gl import NoGlError
from helms_sim.render.renderer import CAMERAS, CellRenderer
from helms_sim.render.viewer import LiveView

__all__ = ["CAMERAS", "CellRenderer", "LiveView", "NoGlError", "write_picture", "write_video"]
