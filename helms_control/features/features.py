"""What networks see: named, versioned functions of the contract's streams.

`raw` is the paper's choice. `tool` are poses in the gripper frame with geometry that follows from the shapes.
`affordances` adds grasps, pushes and placements as the demonstrator plans them; results that use them say so.
None has trained parameters; the same code runs on numpy arrays and on torch tensors.
"""

import hashlib
import json
from collections.abc import Sequence
from types import MappingProxyType
from typing import Protocol

from array_api_compat import array_namespace

from helms_control.errors import named
from helms_control.features import push, robot, room, spot, tool
from helms_control.features.arrays import Array
from helms_control.features.scene import Scene, scene_of
from helms_control.spec import FRAMES, OBJECTS, PROPRIOCEPTION


class Features(Protocol):
    """Features of single frames, and their stacks of three frames.

    Attributes:
        name: of the features.
        version: raised with every change of a number.
        standardised: whether networks normalise them by the statistics of the data.
        frame_sizes: numbers of one frame: robot, scene.
        sizes: numbers of a stack: robot, scene.
        scene_frames: number of frames of `objects` that the scene's stack uses.
    """

    name: str
    version: int
    standardised: bool
    frame_sizes: tuple[int, int]
    sizes: tuple[int, int]
    scene_frames: int

    def robot(self, proprioception: Array) -> Array:
        """Return the robot's features (..., frame_sizes[0]) of one frame of proprioception, (..., 43)."""

    def scene(self, objects: Array, robot: Array, shapes: Array) -> Array:
        """Return the scene's features (..., frame_sizes[1]) of one frame.

        Args:
            objects: (..., 42), in the order of their roles.
            robot: (..., frame_sizes[0]), the robot's features of the same frame.
            shapes: (..., 3, geometry.SIZE), in the same order.
        """

    def join_robot(self, frames: Sequence[Array]) -> Array:
        """Return the robot's stack (..., sizes[0]) of three frames, newest first."""

    def join_scene(self, frames: Sequence[Array]) -> Array:
        """Return the scene's stack (..., sizes[1]) of `scene_frames` frames, newest first."""

    def to_base(self, actions: Array, robot: Array) -> Array:
        """Return actions (..., 5) in base axes, given those of a network and the robot's stack or frame."""


class Raw:
    """The contract's numbers, three frames of each."""

    name, version, standardised = "raw", 1, True
    frame_sizes = (PROPRIOCEPTION.size, OBJECTS.size)
    sizes = (FRAMES * PROPRIOCEPTION.size, FRAMES * OBJECTS.size)
    scene_frames = FRAMES

    def robot(self, proprioception: Array) -> Array:
        """Return proprioception."""
        return proprioception

    def scene(self, objects: Array, robot: Array, shapes: Array) -> Array:
        """Return the objects' poses."""
        return objects

    def join_robot(self, frames: Sequence[Array]) -> Array:
        """Return the frames one after another."""
        return array_namespace(frames[0]).concat(list(frames), axis=-1)

    join_scene = join_robot

    def to_base(self, actions: Array, robot: Array) -> Array:
        """Return the actions."""
        return actions


class Tool:
    """Poses and shapes in the gripper frame."""

    name, version, standardised = "tool", 1, False
    frame_sizes = (robot.FRAME_SIZE, tool.SIZE)
    sizes = (robot.SIZE, tool.SIZE)
    scene_frames = 1

    def robot(self, proprioception: Array) -> Array:
        """Return tool pose, fingers, forces."""
        return robot.robot_frame(array_namespace(proprioception), proprioception)

    def scene(self, objects: Array, robot: Array, shapes: Array) -> Array:
        """Return the objects' geometry."""
        return tool.tool(self._scene(objects, robot, shapes))

    def join_robot(self, frames: Sequence[Array]) -> Array:
        """Return the newest frame and the fingers of the older ones."""
        return robot.join(array_namespace(frames[0]), frames)

    def join_scene(self, frames: Sequence[Array]) -> Array:
        """Return the newest frame."""
        return frames[0]

    def to_base(self, actions: Array, robot_features: Array) -> Array:
        """Return actions with velocities rotated from tool to base axes."""
        return robot.to_base(array_namespace(actions), actions, robot_features)

    @staticmethod
    def _scene(objects: Array, features: Array, shapes: Array) -> Scene:
        poses = objects.reshape(*objects.shape[:-1], 6, 7)
        xp = array_namespace(objects)
        return scene_of(xp, poses, shapes, features[..., robot.HEADING], features[..., robot.ANGLE])


class Affordances(Tool):
    """`Tool`, and grasps, pushes and placements from the demonstrator's side."""

    name, version = "affordances", 1
    frame_sizes = (robot.FRAME_SIZE, tool.SIZE + spot.SIZE + push.SIZE + room.SIZE)
    sizes = (robot.SIZE, frame_sizes[1])

    def scene(self, objects: Array, robot: Array, shapes: Array) -> Array:
        """Return the objects' geometry, placements, pushes and grasps."""
        scene = self._scene(objects, robot, shapes)
        parts = [tool.tool(scene), spot.spot(scene), push.push(scene), room.room(scene)]
        return scene.xp.concat(parts, axis=-1)


FEATURES: MappingProxyType[str, Features] = MappingProxyType(
    {each.name: each for each in (Raw(), Tool(), Affordances())}
)
"""Features by name."""


def features_named(name: str) -> Features:
    """Return features by name.

    Raises:
        UnknownNameError: no features have that name; the message lists those that exist.
    """
    return named("features", name, FEATURES)


def stack(features: Features, proprioception: Array, objects: Array, shapes: Array) -> tuple[Array, Array]:
    """Return the stacks of robot (..., sizes[0]) and scene (..., sizes[1]) of one observation.

    Args:
        features: to compute.
        proprioception: (..., 3, 43), newest frame first.
        objects: (..., 3, 42), newest frame first, in the order of their roles.
        shapes: (..., 3, geometry.SIZE), in the same order.
    """
    shown = features.scene_frames
    own = features.robot(proprioception)
    seen = features.scene(objects[..., :shown, :], own[..., :shown, :], shapes[..., None, :, :])
    return (
        features.join_robot([own[..., age, :] for age in range(FRAMES)]),
        features.join_scene([seen[..., age, :] for age in range(shown)]),
    )


def fingerprint(features: Features) -> str:
    """Return the SHA-256 of name, version and sizes, 64 hexadecimal digits."""
    meaning = [features.name, features.version, features.frame_sizes, features.sizes]
    return hashlib.sha256(json.dumps(meaning).encode()).hexdigest()
