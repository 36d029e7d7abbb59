"""Features of the robot: tool pose and fingers, wrist force and torque.

No arm velocities: a clone that has them learns to repeat its last motion (de Haan et al. 2019, causal confusion in
imitation learning). Of older frames only finger angle and velocity are used, whose history shows contact.
"""

from collections.abc import Sequence
from typing import Any

from helms_control.features.arrays import SCALES, Array, like
from helms_control.features.rotation import matrices_of, turned_by
from helms_control.robot import basket
from helms_control.robot.gripper import LOWEST_PINCH
from helms_control.spec import FRAMES, PROPRIOCEPTION

_PLACE = slice(PROPRIOCEPTION.slices["tcp_pose"].start, PROPRIOCEPTION.slices["tcp_pose"].start + 3)
_TURN = slice(_PLACE.stop, _PLACE.stop + 4)
_FEEL = slice(PROPRIOCEPTION.slices["gripper_angle"].start, PROPRIOCEPTION.size)
"""Slice of proprioception: fingers, wrist force and torque, grasp."""
_MIDDLE = [100.0, 0.0] + [0.0] * 6 + [0.5]
_SPREAD = [100.0, 100.0, 2.5, 2.5, 10.0, 0.5, 0.5, 0.25, 0.5]
"""Middle and scale of `_FEEL`: tics, tics/s, N, Nm, 0 or 1."""
_LIMIT = 10.0
"""Clipping limit of these, for outliers of a defective sensor."""
_CENTRE = [*basket.CENTRE, 0.1698]

HEADING, ANGLE = slice(0, 2), slice(2, 3)
"""Slices of a frame: cosine and sine of the tool's rotation about base +z; the angle, rad."""
HISTORY = slice(9, 11)
"""Slice of a frame: angle and velocity of the fingers."""
FRAME_SIZE = HISTORY.start + _FEEL.stop - _FEEL.start
"""Numbers of one frame."""
SIZE = FRAME_SIZE + (FRAMES - 1) * (HISTORY.stop - HISTORY.start)
"""Numbers of three frames."""


def robot_frame(xp: Any, proprioception: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return the robot's features (..., FRAME_SIZE) of proprioception (..., 43)."""
    # First column of the tool's rotation matrix; the tool points down.
    ahead = matrices_of(xp, proprioception[..., _TURN])[..., :2, 0]
    heading = ahead / xp.sqrt(xp.sum(ahead * ahead, axis=-1, keepdims=True) + 1e-6)
    angle = 2.0 * xp.atan(heading[..., 1:] / (1.0 + heading[..., :1]))
    place = (proprioception[..., _PLACE] - like(xp, _CENTRE, proprioception)) / SCALES[0]
    turned = (turned_by(xp, heading) @ place[..., None])[..., 0]
    low = xp.tanh((proprioception[..., _PLACE.stop - 1 : _PLACE.stop] - LOWEST_PINCH) / SCALES[1])
    feel = (proprioception[..., _FEEL] - like(xp, _MIDDLE, proprioception)) / like(xp, _SPREAD, proprioception)
    feel = xp.clip(feel, -_LIMIT, _LIMIT)
    return xp.concat([heading, angle, turned, place[..., :2], low, feel], axis=-1)


def join(xp: Any, frames: Sequence[Array]) -> Array:  # noqa: ANN401 - a namespace
    """Return the robot's features (..., SIZE) of three frames (..., FRAME_SIZE), newest first."""
    return xp.concat([frames[0], *(older[..., HISTORY] for older in frames[1:])], axis=-1)


def to_base(xp: Any, actions: Array, robot: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return actions (..., 5) with velocities in tool axes rotated to base axes, given the robot's features."""
    x, y, cosine, sine = actions[..., 0:1], actions[..., 1:2], robot[..., 0:1], robot[..., 1:2]
    return xp.concat([cosine * x - sine * y, sine * x + cosine * y, actions[..., 2:]], axis=-1)
