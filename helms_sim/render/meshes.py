"""Decorative meshes of the dm_robotics-moma wheel, if installed; its code is not used."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

Vector3 = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]

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
