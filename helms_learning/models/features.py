"""What the networks see of a frame: the contract's numbers as they are, or what they mean for the tool.

"raw" is the paper's choice. "tool" looks from the tool: a grasp is the same wherever in the basket and however turned
the object lies, so places and orientations are given along the axes of the tool, and the networks' velocities are
turned back to the base's (`to_base`). A clone then need not learn each of these cases from examples of its own.

- Places come on three scales. Two millimetres, which decide whether the fingers may close, are little beside the spread
  over the whole basket.
- A quaternion and its negative are the same orientation, and the contract's positive scalar part makes all four
  numbers jump where a tool points down. Rotation matrices do not. A grasp is the same after half a turn of the tool,
  often after a quarter: the second and fourth harmonics of an object's angles about the vertical say so.
- The wrist cannot go round, so which way to turn depends on the angles about the base's axes too: the heading of the
  tool, and for each axis of each object the heading at which the fingers would close along it.
- The height at which an object rests tells, to the millimetre, what lies there and on which face: a row of bumps makes
  it as plain as a label.
- No motion of the arm. A clone that sees how it moves learns to go on as it moves (de Haan et al. 2019, causal
  confusion in imitation learning): a tool that does not turn never begins to. Of the older frames only the fingers are
  seen, whose history tells whether they press.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from helms_control.spec import FRAMES, OBJECTS, PROPRIOCEPTION
from helms_learning.models.layers import Normaliser
from helms_learning.models.recognition import SIZE as RECOGNISED
from helms_learning.models.recognition import Recognition
from helms_sim.tasks.constants import BASKET_FLOOR_Z, WORKSPACE_CENTRE

INPUTS = ("raw", "tool")
FRAME = PROPRIOCEPTION.size + OBJECTS.size

_SCALES = (0.1, 0.02, 0.005)
"""Distances at which places are shown; all but the first end there, m."""
_AIM = 0.2
"""Angle at which the fine scale of what the wrist has to turn ends, rad."""
RECOGNITION = Recognition()
_PAIRS = ((0, 1), (0, 2), (1, 2))
_RESTS = tuple(BASKET_FLOOR_Z + 0.001 * rise for rise in range(13, 37, 2))
"""Where the frames of resting objects may be, m, base frame."""
_BUMP = 0.0015
"""Width of the bump around each of them, m."""
_PLACE = slice(PROPRIOCEPTION.slices["tcp_pose"].start, PROPRIOCEPTION.slices["tcp_pose"].start + 3)
_TURN = slice(_PLACE.stop, _PLACE.stop + 4)
_FEEL = slice(PROPRIOCEPTION.slices["gripper_angle"].start, PROPRIOCEPTION.size)
"""Of proprioception: fingers, wrist sensor and grasp."""
_HEADING = slice(0, 2)
"""Of what is seen of the robot itself: cosine and sine of the tool's rotation about base +z."""
_HISTORY = slice(8, 10)
"""Of the same: angle and velocity of the fingers."""


def sizes(inputs: str) -> tuple[int, int]:
    """Return how many numbers of one frame the networks see: of the robot itself, and of the objects."""
    if inputs == "raw":
        return PROPRIOCEPTION.size, OBJECTS.size
    places = 3 * (3 + len(_PAIRS)) * len(_SCALES) + 9
    return _HISTORY.start + _FEEL.stop - _FEEL.start, places + 27 + 36 + 18 + 27 + 3 * len(_RESTS) + RECOGNISED


def joined_sizes(inputs: str) -> tuple[int, int]:
    """Return how many numbers `join` returns."""
    own, seen = sizes(inputs)
    if inputs == "raw":
        return FRAMES * own, FRAMES * seen
    return own + (FRAMES - 1) * (_HISTORY.stop - _HISTORY.start), seen


def join_own(frames: Sequence[Tensor], inputs: str) -> Tensor:
    """Return what is seen of the robot itself over three frames, newest first."""
    if inputs == "raw":
        return torch.cat(list(frames), -1)
    return torch.cat([frames[0], *(older[..., _HISTORY] for older in frames[1:])], -1)


def join_seen(frames: Sequence[Tensor], inputs: str) -> Tensor:
    """Return what is seen of the objects over three frames, newest first."""
    return torch.cat(list(frames), -1) if inputs == "raw" else frames[0]


def own_features(proprioception: Tensor, normaliser: Normaliser, inputs: str) -> Tensor:
    """Return what is seen of proprioception (..., 43)."""
    if inputs == "raw":
        return normaliser.part(proprioception, slice(0, PROPRIOCEPTION.size))
    heading = _heading(proprioception)
    place = (proprioception[..., _PLACE] - proprioception.new_tensor(WORKSPACE_CENTRE)) / _SCALES[0]
    feel = normaliser.part(proprioception[..., _FEEL], _FEEL)
    return torch.cat([heading, _angle(heading), _turned(place, heading), place[..., :2], feel], -1)


def seen_features(objects: Tensor, own: Tensor, normaliser: Normaliser, inputs: str) -> Tensor:
    """Return what is seen of object states (..., 42), with what `own_features` gave for the same frame."""
    if inputs == "raw":
        return normaliser.part(objects, slice(PROPRIOCEPTION.size, FRAME))
    heading = own[..., _HEADING]
    poses = objects.reshape(*objects.shape[:-1], 6, 7)
    places, turns = poses[..., :3, :3], matrices_of(poses[..., 3:, 3:])
    away = _turned(poses[..., 3:, :3], heading.unsqueeze(-2))
    apart = [away[..., first, :] - away[..., second, :] for first, second in _PAIRS]
    offsets = torch.cat([away.flatten(-2), *apart], -1)
    scales = [offsets / _SCALES[0], *(torch.tanh(offsets / scale) for scale in _SCALES[1:])]
    absolute = (places - objects.new_tensor(WORKSPACE_CENTRE)) / _SCALES[0]
    bumps = torch.exp(-(((places[..., 2:] - objects.new_tensor(_RESTS)) / _BUMP) ** 2))
    matrices = matrices_of(poses[..., :3, 3:])
    second = _doubled(matrices)
    known = RECOGNITION(places[..., 2], matrices, heading)
    own_second = _doubled(turns)
    return torch.cat(
        [
            *scales, absolute.flatten(-2), turns.flatten(-3), own_second.flatten(-3), _doubled_again(own_second),
            second.flatten(-3), _aims(second, _angle(heading)), bumps.flatten(-2), known,
        ], -1
    )  # fmt: skip


def to_base(actions: Tensor, own: Tensor, inputs: str) -> Tensor:
    """Return a network's actions (..., 5) along the base's axes, for what it saw of the robot itself."""
    if inputs == "raw":
        return actions
    x, y, cosine, sine = actions[..., 0:1], actions[..., 1:2], own[..., 0:1], own[..., 1:2]
    return torch.cat([cosine * x - sine * y, sine * x + cosine * y, actions[..., 2:]], -1)


def _heading(proprioception: Tensor) -> Tensor:
    """Return cosine and sine (..., 2) of the tool's rotation about base +z."""
    w, x, y, z = (proprioception[..., _TURN.start + part, None] for part in range(4))
    heading = torch.cat([1 - 2 * (y * y + z * z), 2 * (x * y + w * z)], -1)
    return heading / torch.sqrt((heading * heading).sum(-1, keepdim=True) + 1e-9)


def _angle(heading: Tensor) -> Tensor:
    return torch.atan2(heading[..., 1:2], heading[..., 0:1])


def _turned(vectors: Tensor, heading: Tensor) -> Tensor:
    """Return vectors (..., 3), given along the base's axes, along those of the tool as seen from above."""
    x, y, z = (vectors[..., part : part + 1] for part in range(3))
    cosine, sine = heading[..., 0:1], heading[..., 1:2]
    return torch.cat([cosine * x + sine * y, cosine * y - sine * x, z], -1)


def matrices_of(quaternions: Tensor) -> Tensor:
    """Return the rotation matrices (..., 3, 3) of quaternions w x y z (..., 4)."""
    w, x, y, z = quaternions.unbind(-1)
    entries = [
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    return torch.stack(entries, -1).reshape(*w.shape, 3, 3)


def _doubled(matrices: Tensor) -> Tensor:
    """Return cosine and sine (..., 2, 3) of twice the angle at which each axis points, seen from above.

    They are short where the axis stands upright and its angle means nothing.
    """
    x, y = matrices[..., 0, :], matrices[..., 1, :]
    return torch.stack([x * x - y * y, 2 * x * y], -2)


def _doubled_again(second: Tensor) -> Tensor:
    """Return the same for four times the angle, flat."""
    cosine, sine = second.unbind(-2)
    return torch.cat([cosine * cosine - sine * sine, 2 * cosine * sine], -1).flatten(-2)


def _aims(second: Tensor, angle: Tensor) -> Tensor:
    """Return how the tool has to stand to close its fingers along each axis, flat.

    Args:
        second: (..., objects, 2, 3) of `_doubled`, base frame.
        angle: (..., 1) of the tool, rad.

    Returns:
        Rotation of the tool within a quarter turn, as the wrist allows, what is left to turn, and this on a fine scale;
        all fading to 0 as the axis stands up.
    """
    cosine, sine = second.unbind(-2)
    lies = (torch.sqrt(cosine * cosine + sine * sine + 1e-6) / 0.3).clamp_max(1.0)
    aim = 0.5 * torch.atan2(-sine, -cosine)
    left = aim - angle.unsqueeze(-1)
    return torch.cat([lies * aim, lies * left, lies * torch.tanh(left / _AIM)], -1).flatten(-2)
