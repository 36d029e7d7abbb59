"""Rotations about the vertical and of quaternions, for arrays with leading dimensions."""

from typing import Any

import numpy as np

from helms_control.features.arrays import Array, like


def matrices_of(xp: Any, quaternions: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return the rotation matrices (..., 3, 3) of quaternions w x y z (..., 4)."""
    products = quaternions[..., :, None] * quaternions[..., None, :]
    products = products.reshape(*quaternions.shape[:-1], 16)
    entries = products @ like(xp, _PRODUCTS, products) + like(xp, _IDENTITY, products)
    return entries.reshape(*quaternions.shape[:-1], 3, 3)


def turned_by(xp: Any, heading: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return the rotations (..., 3, 3) about the vertical from base to tool axes, for headings (..., 2)."""
    entries = heading @ like(xp, _TURNING, heading) + like(xp, _UPRIGHT, heading)
    return entries.reshape(*heading.shape[:-1], 3, 3)


def _products() -> list[list[float]]:
    table = np.zeros((4, 4, 9))
    w, x, y, z = range(4)
    for entry, pairs in enumerate(
        [
            [(y, y, -2), (z, z, -2)], [(x, y, 2), (w, z, -2)], [(x, z, 2), (w, y, 2)],
            [(x, y, 2), (w, z, 2)], [(x, x, -2), (z, z, -2)], [(y, z, 2), (w, x, -2)],
            [(x, z, 2), (w, y, -2)], [(y, z, 2), (w, x, 2)], [(x, x, -2), (y, y, -2)],
        ]
    ):  # fmt: skip
        for first, second, factor in pairs:
            table[first, second, entry] = factor
    rows: list[list[float]] = table.reshape(16, 9).tolist()
    return rows


_PRODUCTS = _products()
"""(16, 9): rotation matrix entries as linear combinations of the products of two quaternion components."""
_IDENTITY = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
_TURNING = [[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
"""(2, 9): rotation matrix entries as linear combinations of cosine and sine."""
_UPRIGHT = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]
