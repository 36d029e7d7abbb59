"""Decorative meshes of the dm_robotics-moma wheel, if installed; its code is not used."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

Vector3 = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]

GRID = 0.001
"""Cells that the vertices of a fine mesh are merged in, m; a pixel of a 640 x 480 picture is 2 mm or more."""
_FINE = 10_000
# Binary STL: a header of 84 bytes, then one record for each face.
_HEADER, _FACE = 84, np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])

_SAWYER = "rethink/sawyer_description/meshes/sawyer_pv"
_GRIPPER = "robotiq_beta_robots/robotiq_2f_model/model/meshes/2f85/collision"
_SENSOR = "ros_robotiq/robotiq_force_torque_sensor/meshes/visual"
_ONE: Quaternion = (1.0, 0.0, 0.0, 0.0)
_HALF_TURN: Quaternion = (0.0, 0.0, 0.0, 1.0)
_QUARTER_BACK: Quaternion = (0.7071067811865476, 0.0, 0.0, -0.7071067811865476)


@dataclass(frozen=True, slots=True)
class Mesh:
    """A mesh on a body of the robot."""

    body: str
    """Name of the body, without prefix."""
    file: str
    """Path below the wheel's vendor folder."""
    material: str
    """Name of the material to draw it with."""
    scale: float = 1.0
    """Metres for each unit of the file."""
    position: Vector3 = (0.0, 0.0, 0.0)
    """In the body's frame, m."""
    quaternion: Quaternion = _ONE
    """In the body's frame, wxyz."""


def _link(body: str, file: str, material: str) -> Mesh:
    return Mesh(body, f"{_SAWYER}/{file}.STL", material)


def _finger(side: str) -> tuple[Mesh, ...]:
    # Poses in the frames of robot.xml, whose crank stands for driver, coupler and spring link of the open gripper.
    return (
        Mesh(f"{side}_crank", f"{_GRIPPER}/spring_link.stl", "dark", 0.001),
        Mesh(f"{side}_crank", f"{_GRIPPER}/driver.stl", "grey", 0.001, (0.0, 0.0174011, -0.005996)),
        Mesh(f"{side}_crank", f"{_GRIPPER}/coupler.stl", "dark", 0.001, (0.0, 0.0489011, -0.010096)),
        Mesh(f"{side}_fingertip", f"{_GRIPPER}/follower_v2.stl", "dark", 1.0, (0.0, 0.018, -0.0065)),
        Mesh(
            f"{side}_fingertip", f"{_GRIPPER}/reinforced_fingertip.stl", "light", 1.0, (0.0, 0.0066, 0.0065), _HALF_TURN
        ),
    )


MESHES = (
    _link("arm_base", "base", "red_paint"),
    _link("l0", "l0", "red_paint"),
    _link("head", "head", "grey"),
    _link("l1", "l1", "dark"),
    _link("l2", "l2", "red_paint"),
    _link("l3", "l3", "dark"),
    _link("l4", "l4", "red_paint"),
    _link("l5", "l5", "dark"),
    _link("l6", "l6", "red_paint"),
    Mesh("wrist_sensor_mount", f"{_SENSOR}/robotiq_fts300_coupling.stl", "grey", 0.001, (0.0, 0.0, -0.003)),
    Mesh("wrist_sensor_mount", f"{_SENSOR}/robotiq_fts300_base.stl", "dark", 0.001, (0.0, 0.0, 0.0415)),
    Mesh("wrist_sensor", f"{_SENSOR}/robotiq_fts300_top.stl", "grey", 0.001),
    Mesh("gripper", f"{_GRIPPER}/base_mount.stl", "grey", 0.001, (0.0, 0.0, -0.0038), _QUARTER_BACK),
    Mesh("gripper", f"{_GRIPPER}/base.stl", "dark", 0.001),
    *_finger("right"),
    *_finger("left"),
)
"""Poses: the vendors' own models of arm, sensor and gripper."""


@cache
def mesh_folder() -> Path | None:
    """Return the wheel's vendor folder, or None when the wheel is not installed."""
    try:
        spec = find_spec("dm_robotics")
    except (ImportError, ValueError):
        return None
    for location in (spec.submodule_search_locations or []) if spec is not None else []:
        folder = Path(location) / "moma" / "models" / "vendor"
        if all((folder / mesh.file).is_file() for mesh in MESHES):
            return folder
    return None


@cache
def coarse(file: Path, scale: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]] | None:
    """Return vertices (n, 3), in m, and faces (m, 3) of a fine mesh merged on the grid; None for one of few faces.

    Sensor and gripper base have six times as many faces as the arm, too small to see, which software GL draws twice
    for a picture with shadows. Arm and fingers stay as they are: they have few, and coarser ones change their shading.

    Args:
        file: binary STL.
        scale: metres for each unit of the file.
    """
    corners = np.fromfile(file, _FACE, offset=_HEADER)["corners"].reshape(-1, 3) * np.float64(scale)
    if len(corners) < 3 * _FINE:
        return None
    cells = np.floor((corners - corners.min(axis=0)) / GRID).astype(np.intp)
    _, vertex, count = np.unique(
        np.ravel_multi_index(tuple(cells.T), tuple(cells.max(axis=0) + 1)), return_inverse=True, return_counts=True
    )
    vertices = np.stack([np.bincount(vertex, axis) / count for axis in corners.T], axis=1)
    faces = vertex.reshape(-1, 3)
    faces = faces[(faces != np.roll(faces, 1, axis=1)).all(axis=1)]
    # Smallest vertex first, so that a face equals its duplicates but not the far side of a plate.
    faces = np.take_along_axis(faces, (faces.argmin(axis=1)[:, None] + np.arange(3)) % 3, axis=1)
    shape = (len(vertices),) * 3
    faces = np.stack(np.unravel_index(np.unique(np.ravel_multi_index(tuple(faces.T), shape)), shape), axis=1)
    used, faces = np.unique(faces, return_inverse=True)
    return vertices[used], faces.reshape(-1, 3)
