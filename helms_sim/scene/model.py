"""Compile the cell's models: one to step episodes in, one to let objects come to rest in."""

import logging
from collections.abc import Callable
from importlib.resources import files

import mujoco

from helms_control.spec import COLOURS
from helms_sim.objects import RgbObject

CONTROL_PERIOD = 0.05
"""Duration of a control step, s."""
SUBSTEPS = 20
"""Physics steps in a control step, 2.5 ms each: five times the reference's 0.5 ms."""
GRAVITY = 9.81
"""Gravitational acceleration, m/s^2; it acts on the objects alone, as a constant force at their centres of mass."""
OBJECT_MASS = 0.2
"""Mass of every object, kg (RGB-stacking environment)."""

# MuJoCo would write its warnings to a file in the working directory.
mujoco.set_mju_user_warning(logging.getLogger(__name__).warning)

PREFIX = "robot/"
"""Before the names of everything on the robot."""

Triplet = tuple[RgbObject, RgbObject, RgbObject]
Decorate = Callable[[mujoco.MjSpec], None]


def cell_model(objects: Triplet, decorate: Decorate | None = None) -> mujoco.MjModel:
    """Compile the model that episodes are stepped in.

    Args:
        objects: the red, green and blue object.
        decorate: adds shapes to look at; they neither collide nor weigh anything.

    Returns:
        The compiled model; its joints are arm (7), fingers (4), then red, green and blue (free).
    """
    spec = _load("cell.xml")
    spec.option.timestep = CONTROL_PERIOD / SUBSTEPS
    spec.attach(_load("robot.xml"), frame=spec.worldbody.add_frame(), prefix=PREFIX)
    _add_objects(spec, objects)
    if decorate is not None:
        decorate(spec)
    return spec.compile()


def settling_model(objects: Triplet) -> mujoco.MjModel:
    """Compile basket and objects alone with the reference cell's contact model; its time step is 0.5 ms."""
    spec = _load("settling.xml")
    _add_objects(spec, objects)
    return spec.compile()


def _load(name: str) -> mujoco.MjSpec:
    return mujoco.MjSpec.from_string(files(__package__).joinpath("mjcf", name).read_text())


def _add_objects(spec: mujoco.MjSpec, objects: Triplet) -> None:
    for colour, item in zip(COLOURS, objects, strict=True):
        spec.add_mesh(name=colour, uservert=item.vertices.ravel())
        body = spec.worldbody.add_body(name=colour)
        body.add_freejoint(name=colour)
        body.add_geom(
            spec.find_default("object"),
            name=colour,
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=colour,
            mass=OBJECT_MASS,
        )
