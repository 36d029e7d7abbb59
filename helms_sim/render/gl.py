"""Choice of MuJoCo's GL library."""

import ctypes.util
import importlib
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import mujoco
from mujoco.rendering.classic import gl_context

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


def open_renderer(model: mujoco.MjModel, width: int, height: int) -> mujoco.Renderer:
    """Open a GL context for a model.

    MuJoCo settles its GL library when it is first imported; where nobody has set MUJOCO_GL and no screen is there, it
    is asked to settle again, for one that works without.

    Raises:
        NoGlError: no GL library works; the message names the packages to install.
    """
    if "MUJOCO_GL" not in os.environ and not os.environ.get("DISPLAY"):
        backend = choose_backend()
        if backend is not None:
            os.environ["MUJOCO_GL"] = backend
            importlib.reload(gl_context)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GLFW warns about the missing screen before it fails
            return mujoco.Renderer(model, height, width)
    except (mujoco.FatalError, ImportError, AttributeError, RuntimeError) as error:
        raise NoGlError(f"no picture can be rendered: {error}; {ADVICE}.") from error
