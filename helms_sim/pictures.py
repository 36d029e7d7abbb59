"""Pictures of a cell; GL contexts are opened for the first picture."""

from typing import Any

import mujoco
import numpy.typing as npt

from helms_sim.render import CellRenderer, check_camera
from helms_sim.scene.model import Triplet


class Pictures:
    """Keeps a renderer for each picture size, for the objects in the cell."""

    def __init__(self) -> None:
        """Open no GL context yet."""
        self._triplet: Triplet | None = None
        self._renderers: dict[tuple[int, int], CellRenderer] = {}

    def take(self, triplet: Triplet, data: mujoco.MjData, camera: str, width: int, height: int) -> npt.NDArray[Any]:
        """Return a picture (height, width, 3) uint8.

        Args:
            triplet: the objects in the cell.
            data: state of the cell.
            camera: name of the camera.
            width: of the picture, pixels.
            height: of the picture, pixels.

        Raises:
            HelmsError: an unknown camera, or no GL library; the message names the package to install.
        """
        check_camera(camera)
        if self._triplet != triplet:
            self.close()
            self._triplet = triplet
        size = (width, height)
        if size not in self._renderers:
            self._renderers[size] = CellRenderer(triplet, width, height)
        return self._renderers[size].render(data, camera)

    def close(self) -> None:
        """Close the GL contexts."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()
        self._triplet = None
