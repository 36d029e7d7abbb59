"""Validation, clipping and scaling of actions."""

import math

import numpy as np
import numpy.typing as npt

from helms_control.spec.contract import ACTION
from helms_control.spec.errors import ActionError
from helms_control.spec.layout import Array

SCALE = ACTION.high
"""Physical value of a normalised 1, (5,): m/s, m/s, m/s, rad/s, tics/s."""


def check_action(action: npt.ArrayLike) -> tuple[Array, int]:
    """Validate an action and clip it to [-1, 1].

    Args:
        action: normalised action, (5,); the range is [-1, 1].

    Returns:
        The clipped action, (5,), as a new array; and the number of clipped components.

    Raises:
        ActionError: another shape, or a component that is not a finite number; the message names it.
    """
    try:
        array = np.asarray(action)
    except ValueError as error:
        raise ActionError(f"an action must be {ACTION.size} numbers, got {action!r}: {error}") from error
    if array.shape != (ACTION.size,):
        raise ActionError(f"an action must have shape ({ACTION.size},) for {_components()}; got shape {array.shape}")
    if array.dtype.kind not in "fiu":
        raise _not_numeric(action)
    values = array.tolist()
    clipped = 0
    # Five Python floats are checked in a third of the time that five-element numpy operations take.
    for index, value in enumerate(values):
        if -1.0 <= value <= 1.0:
            continue
        if not math.isfinite(value):
            raise ActionError(f"action component {ACTION.names[index]} is {value}; every component must be finite")
        values[index] = math.copysign(1.0, value)
        clipped += 1
    return np.array(values, np.float64), clipped


def to_physical(action: Array) -> Array:
    """Scale normalised actions (..., 5) in [-1, 1] to m/s, m/s, m/s, rad/s, tics/s (HeLMS, table 4)."""
    return action * SCALE


def to_normalised(velocities: Array) -> Array:
    """Scale velocities (..., 5) in m/s, m/s, m/s, rad/s, tics/s to normalised actions; nothing is clipped."""
    return velocities / SCALE


def _components() -> str:
    """Return the names of the components, for messages."""
    return ", ".join(ACTION.names)


def _not_numeric(action: npt.ArrayLike) -> ActionError:
    """Build the error for the first component that is not a real number."""
    components = np.asarray(action, dtype=object).tolist()
    for name, value in zip(ACTION.names, components, strict=True):
        if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
            return ActionError(f"action component {name} is {value!r}, which is not a real number")
    return ActionError(f"an action must be {ACTION.size} real numbers for {_components()}, got {components}")
