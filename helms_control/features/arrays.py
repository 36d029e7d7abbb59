"""Operations on numpy arrays and torch tensors alike; the namespace `xp` is array-api-compat's."""

from collections.abc import Sequence
from typing import Any

Array = Any
"""A numpy array or a torch tensor."""

SCALES = (0.1, 0.02, 0.005)
"""Scales of positions, m; the first is linear, the others saturate."""


def like(xp: Any, values: object, array: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return constants as an array of the type, precision and device of another one."""
    return xp.asarray(values, dtype=array.dtype, device=array.device)


def rows_at(xp: Any, values: Array, index: Array, axis: int = -1) -> Array:  # noqa: ANN401 - a namespace
    """Return `values` at indices along an axis, as numpy.take_along_axis; indices are 0 or more.

    array-api-compat's function also serves negative indices, with six more operations in an exported graph.
    """
    return values.gather(axis, index) if hasattr(values, "gather") else xp.take_along_axis(values, index, axis=axis)


def columns(xp: Any, values: Array, index: list[int]) -> Array:  # noqa: ANN401 - a namespace
    """Return the columns of `values` with these numbers, 0 or more."""
    if hasattr(values, "index_select"):
        return values.index_select(-1, xp.asarray(index, device=values.device))
    return values[..., index]


def flat(array: Array, axes: int = 2) -> Array:
    """Return an array with its last axes merged."""
    return array.reshape(*array.shape[:-axes], -1)


def scaled(xp: Any, places: Array) -> Sequence[Array]:  # noqa: ANN401 - a namespace
    """Return positions, m, on each of the scales."""
    return [places / SCALES[0], *(xp.tanh(places / scale) for scale in SCALES[1:])]


def where(xp: Any, condition: Array, value: float, array: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return a value where a condition holds and 0 elsewhere, in the precision of `array`."""
    return value * xp.astype(condition, array.dtype)
