"""Poses of the objects: the 42 numbers of HeLMS, table 3."""

from helms_control.spec.field import Field
from helms_control.spec.layout import Layout
from helms_control.spec.proprioception import POSE_HIGH, POSE_LOW, REACH

COLOURS = ("red", "green", "blue")


def _pose(colour: str) -> Field:
    """Return the pose of one object in the base frame."""
    return Field(
        f"{colour}_pose",
        7,
        "m, quaternion",
        "base",
        f"Origin of the {colour} object: position, then orientation as quaternion wxyz with w >= 0.",
        POSE_LOW,
        POSE_HIGH,
        paper_name=f"Absolute pose ({colour})",
    )


def _to_pinch(colour: str) -> Field:
    """Return the offset of one object from the pinch point.

    The RGB-stacking environment (DeepMind) subtracts the two quaternions number by number. The difference is no
    rotation and jumps where a quaternion changes sign, so the orientation here is the rotation from the pinch frame to
    the object.
    """
    return Field(
        f"{colour}_to_pinch",
        7,
        "m, quaternion",
        "base axes, pinch frame",
        f"Position of the {colour} object minus that of the pinch point, along the base's axes; then the object's "
        "orientation in the pinch frame as quaternion wxyz with w >= 0.",
        (-2 * REACH,) * 3 + POSE_LOW[3:],
        (2 * REACH,) * 3 + POSE_HIGH[3:],
        paper_name=f"Distance to pinch ({colour})",
    )


OBJECTS = Layout(tuple(map(_pose, COLOURS)) + tuple(map(_to_pinch, COLOURS)))
"""The objects' state, (42,): input of the mid and high levels beside proprioception."""
