"""Decoration of the cell: shapes without collision and mass."""

from pathlib import Path

import mujoco
import numpy as np
from transforms3d.euler import euler2quat

from helms_control.robot.basket import FLAT, TILT
from helms_control.spec import COLOURS
from helms_sim.render.meshes import MESHES, Mesh, coarse, mesh_folder
from helms_sim.scene.model import PREFIX

_MATERIALS = {
    "red_paint": (0.55, 0.10, 0.10, 1.0),
    "dark": (0.16, 0.16, 0.18, 1.0),
    "grey": (0.55, 0.56, 0.58, 1.0),
    "light": (0.86, 0.86, 0.84, 1.0),
    "basket": (0.80, 0.80, 0.78, 1.0),
    "red": (0.85, 0.13, 0.12, 1.0),
    "green": (0.13, 0.62, 0.22, 1.0),
    "blue": (0.12, 0.30, 0.85, 1.0),
}
_GROUP = 1
_CYLINDER, _CAPSULE, _BOX = (
    mujoco.mjtGeom.mjGEOM_CYLINDER,
    mujoco.mjtGeom.mjGEOM_CAPSULE,
    mujoco.mjtGeom.mjGEOM_BOX,
)

# Links as capsules from one joint housing to the next: body, from, to, radius (m), material.
_LINKS = (
    ("arm_base", (0, 0, 0), (0, 0, 0.06), 0.09, "dark"),
    ("l0", (0, 0, 0.0), (0, 0, 0.24), 0.085, "red_paint"),
    ("l0", (0, 0, 0.237), (0.081, 0.0, 0.237), 0.075, "red_paint"),
    ("head", (0, 0, 0.02), (0, 0, 0.15), 0.05, "grey"),
    ("l1", (0, 0, 0.0), (0, 0, 0.13), 0.065, "dark"),
    ("l1", (0, -0.02, 0.1325), (0, -0.1, 0.1325), 0.062, "dark"),
    ("l2", (0, 0, 0.02), (0, 0, 0.26), 0.058, "red_paint"),
    ("l3", (0, 0, -0.03), (0, 0, -0.125), 0.052, "dark"),
    ("l3", (0, -0.03, -0.1265), (0, -0.09, -0.1265), 0.052, "dark"),
    ("l4", (0, 0, 0.02), (0, 0, 0.27), 0.048, "red_paint"),
    ("l5", (0, 0, 0.02), (0, 0, 0.10), 0.046, "dark"),
    ("l5", (0, -0.02, 0.1053), (0, -0.08, 0.1053), 0.046, "dark"),
    ("l6", (0, 0, -0.01), (0, 0, 0.01), 0.044, "red_paint"),
    ("hand", (0, 0, 0.0), (0, 0, 0.01), 0.038, "grey"),
)


def decorate(spec: mujoco.MjSpec) -> None:
    """Add the full decoration, with meshes where installed."""
    _add_surroundings(spec)
    folder = mesh_folder()
    if folder is None:
        _add_plain_robot(spec)
    else:
        for number, mesh in enumerate(MESHES):
            _add_mesh(spec, mesh, f"decor{number}", folder / mesh.file)
    _paint_objects(spec)


def decorate_plainly(spec: mujoco.MjSpec) -> None:
    """Add plain shapes only: a picture of the camera observation takes a millisecond or two with them."""
    _add_surroundings(spec)
    _add_plain_robot(spec)
    _paint_objects(spec)


def _look(spec: mujoco.MjSpec, name: str, shine: float = 0.3) -> str:
    if spec.material(name) is None:
        spec.add_material(name=name, rgba=_MATERIALS[name], specular=shine, shininess=0.4)
    return name


def _add_mesh(spec: mujoco.MjSpec, mesh: Mesh, name: str, file: Path) -> None:
    # A shell's inertia needs no closed surface; it weighs nothing here anyway.
    shell = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL
    reduced = coarse(file, mesh.scale)
    if reduced is None:
        spec.add_mesh(name=name, file=str(file), scale=[mesh.scale] * 3, inertia=shell)
    else:
        vertices, faces = reduced
        spec.add_mesh(name=name, uservert=vertices.ravel(), userface=faces.ravel(), inertia=shell)
    spec.body(PREFIX + mesh.body).add_geom(
        type=mujoco.mjtGeom.mjGEOM_MESH,
        meshname=name,
        pos=mesh.position,
        quat=mesh.quaternion,
        material=_look(spec, mesh.material),
        contype=0,
        conaffinity=0,
        group=_GROUP,
        mass=0,
    )


def _add_shape(body: mujoco.MjsBody, kind: mujoco.mjtGeom, material: str, **shape: object) -> None:
    body.add_geom(type=kind, material=material, contype=0, conaffinity=0, group=_GROUP, mass=0, **shape)


def _add_plain_robot(spec: mujoco.MjSpec) -> None:
    for body, start, end, radius, material in _LINKS:
        ends = [float(value) for value in (*start, *end)]
        _add_shape(spec.body(PREFIX + body), _CAPSULE, _look(spec, material), fromto=ends, size=[radius, 0, 0])
    mount, gripper = spec.body(f"{PREFIX}wrist_sensor_mount"), spec.body(f"{PREFIX}gripper")
    _add_shape(mount, _CYLINDER, _look(spec, "dark"), pos=[0, 0, 0.02], size=[0.0375, 0.0215, 0])
    _add_shape(gripper, _CYLINDER, _look(spec, "grey"), pos=[0, 0, 0.0], size=[0.037, 0.011, 0])
    _add_shape(gripper, _BOX, _look(spec, "dark"), pos=[0, 0, 0.048], size=[0.0375, 0.032, 0.04])
    for side in ("left", "right"):
        crank, tip = spec.body(f"{PREFIX}{side}_crank"), spec.body(f"{PREFIX}{side}_fingertip")
        _add_shape(crank, _CAPSULE, _look(spec, "dark"), fromto=[0, 0, 0, 0, 0.037, 0.044], size=[0.007, 0, 0])
        links = [0, 0.02, -0.006, 0, 0.053, 0.038]
        _add_shape(crank, _CAPSULE, _look(spec, "grey"), fromto=links, size=[0.008, 0, 0])
        _add_shape(tip, _CAPSULE, _look(spec, "dark"), fromto=[0, 0, 0, 0, 0.016, -0.006], size=[0.009, 0, 0])
        _add_shape(tip, _BOX, _look(spec, "light"), pos=[0, 0.0023211, 0.0255], size=[0.011, 0.0095789, 0.019])


def _paint_objects(spec: mujoco.MjSpec) -> None:
    for colour in COLOURS:
        spec.geom(colour).material = _look(spec, colour, shine=0.5)


def _add_surroundings(spec: mujoco.MjSpec) -> None:
    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.93, 0.95, 0.97],
        rgb2=[0.62, 0.68, 0.75],
        width=64,
        height=384,
    )
    world = spec.worldbody
    world.add_geom(
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[3, 3, 0.1],
        pos=[0, 0, -0.5],
        rgba=[0.62, 0.62, 0.6, 1],
        contype=0,
        conaffinity=0,
        group=_GROUP,
    )
    wood = [0.72, 0.62, 0.48, 1]
    world.add_geom(
        type=_BOX, size=[0.45, 0.5, 0.02], pos=[0.62, 0, -0.0202], rgba=wood, contype=0, conaffinity=0, group=_GROUP
    )
    _add_shape(world, _CYLINDER, _look(spec, "dark"), pos=[0, 0, -0.25], size=[0.12, 0.25, 0])
    _add_basket(spec)


def _add_basket(spec: mujoco.MjSpec) -> None:
    """Floor and four sloped boards, mitred by overlapping, 10 mm thick, with the collision planes as their tops."""
    basket, look = spec.body("basket"), _look(spec, "basket", shine=0.1)
    tilt, half, thickness = TILT, 0.075, 0.004
    _add_shape(basket, _BOX, look, pos=[0, 0, -thickness], size=[FLAT, FLAT, thickness])
    foot = np.array([FLAT, 0.0])
    along = np.array([np.cos(tilt), np.sin(tilt)])
    middle = foot + half * along + thickness * np.array([np.sin(tilt), -np.cos(tilt)])
    for turn in range(4):
        angle = turn * np.pi / 2
        position = [middle[0] * np.cos(angle), middle[0] * np.sin(angle), middle[1]]
        quaternion = euler2quat(0.0, -tilt, angle, "sxyz")
        width = FLAT + 2 * half * np.cos(tilt)
        _add_shape(basket, _BOX, look, pos=position, quat=quaternion, size=[half, width, thickness])
