"""What the networks see of a frame: the contract's numbers as they are, or their geometry.

A quaternion and its negative are the same orientation. The contract keeps the scalar part positive, but a tool that
points down has it near zero, so all four numbers change sign at the smallest tilt. Rotation matrices do not. And two
millimetres, which decide whether the fingers may close, are little beside the spread of positions over the whole
basket: a second, finer scale shows them. The height at which an object rests tells, to the millimetre, what lies there
and on which face: a row of bumps makes it as plain as a label. And a grasp is the same after half a turn of the tool,
often after a quarter: the second and fourth harmonics of an object's angles about the tool's axis say so.

A clone that sees how it moves learns to go on as it moves (de Haan et al. 2019, causal confusion in imitation
learning): a tool that does not turn never begins to. "poses" leaves out velocities and torques, and of the older frames
all but the fingers, whose history tells whether they press.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from helms_control.spec import FRAMES, OBJECTS, PROPRIOCEPTION
from helms_learning.models.layers import Normaliser
from helms_sim.tasks.constants import BASKET_FLOOR_Z

INPUTS = ("raw", "geometric", "poses")
FRAME = PROPRIOCEPTION.size + OBJECTS.size
_FINE = 0.02
"""Distance at which the fine scale ends, m."""
_TOOL = PROPRIOCEPTION.slices["tcp_pose"].start
_FINGERS = PROPRIOCEPTION.slices["gripper_angle"].start
_POSES = [*range(_TOOL, _TOOL + 3), *range(_FINGERS, PROPRIOCEPTION.size)]
"""Of proprioception in "poses": the tool's place; fingers, wrist sensor and grasp."""
_HISTORY = slice(3, 5)
"""Angle and velocity of the fingers among these."""
_OWN_TURNS = [range(_TOOL + 3, _TOOL + 7)]
_SEEN_PLACES = [range(7 * item, 7 * item + 3) for item in range(6)]
_SEEN_TURNS = [range(7 * item + 3, 7 * item + 7) for item in range(6)]
_SEEN_HEIGHTS = [7 * item + 2 for item in range(3)]
_PAIRS = ((0, 1), (0, 2), (1, 2))
_RESTS = tuple(BASKET_FLOOR_Z + 0.001 * rise for rise in range(13, 37, 2))
"""Where the frames of resting objects may be, m, base frame."""
_BUMP = 0.0015
"""Width of the bump around each of them, m."""


def sizes(inputs: str) -> tuple[int, int]:
    """Return how many numbers of one frame the networks see: of the robot itself, and of the objects."""
    if inputs == "raw":
        return PROPRIOCEPTION.size, OBJECTS.size
    own = len(_POSES) + 9 if inputs == "poses" else PROPRIOCEPTION.size + 5
    return own, OBJECTS.size + 6 * 5 + 3 * (3 + len(_PAIRS)) + 3 * len(_RESTS) + 3 * 3 * 4


def joined_sizes(inputs: str) -> tuple[int, int]:
    """Return how many numbers `join_own` and `join_seen` return."""
    own, seen = sizes(inputs)
    if inputs == "poses":
        return own + (FRAMES - 1) * len(range(*_HISTORY.indices(own))), seen
    return FRAMES * own, FRAMES * seen


def join_own(frames: Sequence[Tensor], inputs: str) -> Tensor:
    """Return what is seen of the robot itself over three frames, from `own_features` of each, newest first."""
    if inputs == "poses":
        return torch.cat([frames[0], *(older[..., _HISTORY] for older in frames[1:])], -1)
    return torch.cat(list(frames), -1)


def join_seen(frames: Sequence[Tensor], inputs: str) -> Tensor:
    """Return what is seen of the objects over three frames, from `seen_features` of each, newest first."""
    return frames[0] if inputs == "poses" else torch.cat(list(frames), -1)


def own_features(values: Tensor, normaliser: Normaliser, inputs: str) -> Tensor:
    """Return what is seen of proprioception (..., 43)."""
    normalised = normaliser.part(values, slice(0, PROPRIOCEPTION.size))
    if inputs == "raw":
        return normalised
    if inputs == "poses":
        return torch.cat([normalised[..., _POSES], _matrices(values, _OWN_TURNS)], -1)
    return torch.cat([_without(normalised, _OWN_TURNS), _matrices(values, _OWN_TURNS)], -1)


def seen_features(values: Tensor, normaliser: Normaliser, inputs: str) -> Tensor:
    """Return what is seen of object states (..., 42)."""
    normalised = normaliser.part(values, slice(PROPRIOCEPTION.size, FRAME))
    if inputs == "raw":
        return normalised
    places = [values[..., list(place)] for place in _SEEN_PLACES]
    apart = [*places[3:], *(places[first] - places[second] for first, second in _PAIRS)]
    fine = torch.tanh(torch.cat(apart, -1) / _FINE)
    bumps = torch.exp(-(((values[..., _SEEN_HEIGHTS, None] - values.new_tensor(_RESTS)) / _BUMP) ** 2)).flatten(-2)
    harmonics = _harmonics(_matrices(values, _SEEN_TURNS[3:]))
    return torch.cat([_without(normalised, _SEEN_TURNS), _matrices(values, _SEEN_TURNS), fine, bumps, harmonics], -1)


def _without(values: Tensor, left_out: list[range]) -> Tensor:
    gone = {index for part in left_out for index in part}
    return values[..., [index for index in range(values.shape[-1]) if index not in gone]]


def _matrices(values: Tensor, turns: list[range]) -> Tensor:
    """Return the rotation matrices (..., 9 each, by rows) of quaternions w x y z."""
    w, x, y, z = (values[..., [turn[part] for turn in turns]] for part in range(4))
    rows = [
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    return torch.cat(rows, -1)


def _harmonics(matrices: Tensor) -> Tensor:
    """Return second and fourth harmonics of where the axes point about z, (..., 12 each), for `_matrices`."""
    count = matrices.shape[-1] // 9
    # Row by row, and all first entries before all second ones: x and y of each axis of each body.
    x, y = matrices[..., : 3 * count], matrices[..., 3 * count : 6 * count]
    # (x + iy)^2 and (x + iy)^4: short where the axis stands upright and its angle means nothing.
    cosine, sine = x * x - y * y, 2 * x * y
    return torch.cat([cosine, sine, cosine * cosine - sine * sine, 2 * cosine * sine], -1)
