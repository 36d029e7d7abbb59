"""Indices into a compiled cell model."""

from dataclasses import dataclass

import mujoco
import numpy as np
import numpy.typing as npt

from helms_control.spec import COLOURS

BASKET, RED, GREEN, BLUE, LEFT_FINGER, RIGHT_FINGER, ROBOT = range(7)
"""Kinds of body, as contacts are sorted."""
ARM = slice(0, 7)
"""The arm in qpos, qvel, act and ctrl."""
GRIPPER = 7
"""The gripper in act and ctrl."""
LEFT_DRIVER = 9
"""The left finger's driver joint in qpos and qvel."""
OBJECT_QPOS = slice(11, 32)
"""The objects' poses in qpos: red, green, blue; position m and quaternion wxyz each."""
OBJECT_QVEL = slice(11, 29)
"""The objects' velocities in qvel."""


@dataclass(frozen=True, slots=True)
class Names:
    """Indices into a compiled cell model."""

    wrist: int
    """Site of the flange: the controller's frame."""
    pinch: int
    """Site between the fingertips: the tool centre point."""
    objects: tuple[int, int, int]
    """Bodies of the red, green and blue object."""
    kind: npt.NDArray[np.int64]
    """(ngeom,) kind of each geom."""

    @staticmethod
    def of(model: mujoco.MjModel) -> "Names":
        """Look everything up in a compiled cell model."""
        red, green, blue = (model.body(colour).id for colour in COLOURS)
        kind = np.full(model.ngeom, ROBOT)
        kind[model.geom_bodyid == model.body("basket").id] = BASKET
        for code, body in zip((RED, GREEN, BLUE), (red, green, blue), strict=True):
            kind[model.geom_bodyid == body] = code
        kind[model.geom("robot/left_fingertip").id] = LEFT_FINGER
        kind[model.geom("robot/right_fingertip").id] = RIGHT_FINGER
        return Names(model.site("robot/wrist").id, model.site("robot/pinch").id, (red, green, blue), kind)
