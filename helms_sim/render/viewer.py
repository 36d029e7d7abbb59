"""The live view in the browser."""

import contextlib
import sys

import mujoco
import viser
from mjviser import ViserMujocoScene

from helms_sim.render.decor import decorate
from helms_sim.scene.model import Triplet, cell_model


class LiveView:
    """A page on this machine that shows the cell as it moves.

    Attributes:
        url: address to open.
    """

    def __init__(self, objects: Triplet, port: int = 8080) -> None:
        """Serve the page; the next free port is taken when this one is not.

        Args:
            objects: red, green and blue object.
            port: to listen on, loopback only.
        """
        # Its banner is not for standard output, which may be read by a program.
        with contextlib.redirect_stdout(sys.stderr):
            self._server = viser.ViserServer(host="127.0.0.1", port=port, verbose=False)
        self._server.initial_camera.position = (1.25, -0.6, 0.6)
        self._server.initial_camera.look_at = (0.45, 0.0, 0.2)
        self.use(objects)
        self.url = f"http://127.0.0.1:{self._server.get_port()}"

    def use(self, objects: Triplet) -> None:
        """Show another red, green and blue object from now on."""
        self._server.scene.reset()
        self._model = cell_model(objects, _decorate_without_planes)
        self._data = mujoco.MjData(self._model)
        self._scene = ViserMujocoScene(self._server, self._model, num_envs=1)

    def update(self, data: mujoco.MjData) -> None:
        """Show the state of a running cell."""
        self._data.qpos[:] = data.qpos
        mujoco.mj_kinematics(self._model, self._data)
        self._scene.update_from_mjdata(self._data)

    def close(self) -> None:
        """Stop serving."""
        self._server.stop()


def _decorate_without_planes(spec: mujoco.MjSpec) -> None:
    """Leave out the basket's collision planes: the page would draw each as an endless grid."""
    decorate(spec)
    for geom in list(spec.body("basket").geoms):
        if geom.type == mujoco.mjtGeom.mjGEOM_PLANE:
            spec.delete(geom)
