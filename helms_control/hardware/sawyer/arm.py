"""Sawyer's joints: readings looked up by name, and the limits that the robot reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.robot.sawyer import JOINT_NAMES
from helms_control.safety.joints import SAWYER, JointLimits

Array = npt.NDArray[np.float64]
Numbers = Sequence[float] | Array


@dataclass(frozen=True, slots=True, eq=False)
class JointReading:
    """Joint state, right_j0 to right_j6.

    Attributes:
        stamp: reception time, s.
        position: (7,) rad.
        velocity: (7,) rad/s.
        effort: (7,) Nm, including gravity.
    """

    stamp: float
    position: Array
    velocity: Array
    effort: Array


class NamedNumbers(Protocol):
    """The lists of a JointState message."""

    name: Sequence[str]
    position: Numbers
    velocity: Numbers
    effort: Numbers


class LimitNumbers(Protocol):
    """The lists of a JointLimits message."""

    joint_names: Sequence[str]
    position_lower: Numbers
    position_upper: Numbers
    velocity: Numbers
    accel: Numbers


def places(names: Sequence[str]) -> list[int] | None:
    """Return the indices of the arm's joints in a list of names; None for a list of other joints.

    Raises:
        HelmsError: it contains joints of the arm, but not each of them once.
    """
    found = [[place for place, name in enumerate(names) if name == joint] for joint in JOINT_NAMES]
    if not any(found):
        return None
    if any(len(each) != 1 for each in found):
        raise HelmsError(
            f"the robot must name each of {', '.join(JOINT_NAMES)} once; it names {', '.join(names) or 'none'}"
        )
    return [each[0] for each in found]


def joint_reading(message: NamedNumbers, stamp: float) -> JointReading | None:
    """Extract the arm from a JointState message; None for a message about other joints.

    Args:
        message: names in any order; other joints are ignored.
        stamp: reception time, s.

    Raises:
        HelmsError: a joint of the arm is missing, or has no angle, velocity or effort.
    """
    where = places(message.name)
    if where is None:
        return None
    lists = {name: _chosen(name, getattr(message, name), where) for name in ("position", "velocity", "effort")}
    return JointReading(stamp, **lists)


def live_limits(message: LimitNumbers) -> JointLimits:
    """Return Sawyer's published limits, narrowed by those that the robot reports.

    Raises:
        HelmsError: a joint of the arm is missing, or its limits leave an empty range.
    """
    where = places(message.joint_names)
    if where is None:
        raise HelmsError(
            f"the robot's joint limits must name {', '.join(JOINT_NAMES)}; they name {message.joint_names}"
        )
    fields = ("position_lower", "position_upper", "velocity", "accel")
    return SAWYER.narrowed(JointLimits(*(_chosen(name, getattr(message, name), where) for name in fields)))


def _chosen(name: str, values: Numbers, where: list[int]) -> Array:
    if len(values) <= max(where):
        raise HelmsError(f"the robot sends {len(values)} numbers of {name}, too few for its own list of joints")
    result: Array = np.asarray(values, np.float64)[where]
    return result
