"""Draw the cell with the system's GL library."""

import weakref

import mujoco
import numpy as np
import numpy.typing as npt

from helms_control.errors import unknown
from helms_sim.render.decor import decorate, decorate_plainly
from helms_sim.render.gl import open_renderer
from helms_sim.scene.model import Triplet, cell_model

CAMERAS = ("main", "front_left", "front_right", "back_left")
"""Cameras by name; poses and angles of the reference cell."""
_SMALL = 128
_HIDDEN_GROUPS = (3, 4)


def check_camera(name: str) -> None:
    """Refuse a camera that does not exist, before a GL library is looked for.

    Raises:
        UnknownNameError: no camera has that name; the message lists those that exist.
    """
    if name not in CAMERAS:
        raise unknown("camera", name, CAMERAS)


class CellRenderer:
    """Draws the state of a running cell with decoration around the bare collision shapes.

    Up to 128 pixels wide it draws plain shapes without shadows, fast enough for image observations; above, it draws
    meshes (where installed) with shadows.

    Attributes:
        close: gives the GL context back.
    """

    def __init__(self, objects: Triplet, width: int, height: int) -> None:
        """Open a GL context.

        Args:
            objects: red, green and blue object.
            width: of the pictures, pixels.
            height: of the pictures, pixels.

        Raises:
            NoGlError: no GL library works; the message names the packages to install.
        """
        small = width <= _SMALL
        self._model = cell_model(objects, decorate_plainly if small else decorate)
        self._model.vis.quality.shadowsize = 0 if small else 1024
        self._model.vis.global_.offwidth, self._model.vis.global_.offheight = width, height
        self._data = mujoco.MjData(self._model)
        self._options = mujoco.MjvOption()
        self._options.geomgroup[list(_HIDDEN_GROUPS)] = 0
        self._options.sitegroup[:] = 0
        self._renderer = open_renderer(self._model, width, height)
        # At exit, before Python takes the GL library apart.
        self.close = weakref.finalize(self, self._renderer.close)
        if small:
            for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
                self._renderer.scene.flags[flag] = False

    def render(self, data: mujoco.MjData, camera: str) -> npt.NDArray[np.uint8]:
        """Return a picture (height, width, 3) uint8 of a state.

        Raises:
            UnknownNameError: no camera has that name; the message lists those that exist.
        """
        check_camera(camera)
        self._data.qpos[:] = data.qpos
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)
        self._renderer.update_scene(self._data, camera, self._options)
        return np.asarray(self._renderer.render())
