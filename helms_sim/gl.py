"""Which GL library MuJoCo renders with; MuJoCo settles that when it is first imported."""

import ctypes.util
import os
from collections.abc import Callable
from pathlib import Path

from helms_control.errors import HelmsError

ADVICE = (
    "install one of: sudo apt-get install libosmesa6 (software), or libegl1 (a graphics card); "
    "or set MUJOCO_GL=osmesa, egl or glfw to the one you have, before Python starts"
)


class NoGlError(HelmsError):
    """No picture can be rendered, because no GL library works."""


def choose_backend(
    find: Callable[[str], str | None] = ctypes.util.find_library, card: bool | None = None
) -> str | None:
    """Return the MUJOCO_GL that suits this machine, or None to leave MuJoCo its default.

    Args:
        find: looks a library up by name.
        card: whether there is a graphics card; None looks.
    """
    if card is None:
        card = any(Path(device).exists() for device in ("/dev/nvidia0", "/dev/dri/renderD128"))
    osmesa, egl = find("OSMesa") is not None, find("EGL") is not None
    if egl and (card or not osmesa):
        return "egl"
    return "osmesa" if osmesa else None


def set_backend() -> None:
    """Set MUJOCO_GL where nobody has and there is no screen; call before MuJoCo is imported."""
    if "MUJOCO_GL" not in os.environ and not os.environ.get("DISPLAY"):
        backend = choose_backend()
        if backend is not None:
            os.environ["MUJOCO_GL"] = backend
