"""Orientations as the contract writes them: quaternions wxyz, (4,), of length 1 with w >= 0.

Own code, since the driver calls it 100 times a second: transforms3d, which serves elsewhere, takes up to 15 times as
long. A test compares the two.
"""

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def of_rotation(rotation: Array) -> Array:
    """Return the quaternion of a rotation matrix (3, 3)."""
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = rotation.tolist()
    # The largest of the four components is worked out from the diagonal, the others are divided by it.
    if xx + yy + zz > 0.0:
        w, x, y, z = 1.0 + xx + yy + zz, zy - yz, xz - zx, yx - xy
    elif xx > yy and xx > zz:
        w, x, y, z = zy - yz, 1.0 + xx - yy - zz, xy + yx, xz + zx
    elif yy > zz:
        w, x, y, z = xz - zx, xy + yx, 1.0 - xx + yy - zz, yz + zy
    else:
        w, x, y, z = yx - xy, xz + zx, yz + zy, 1.0 - xx - yy + zz
    return positive(np.array([w, x, y, z]))


def rotation_of(quaternion: Array) -> Array:
    """Return the rotation matrix (3, 3) of a quaternion of length 1."""
    w, x, y, z = quaternion.tolist()
    return np.array(
        [
            [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
            [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
            [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
        ]
    )


def product(first: Array, second: Array) -> Array:
    """Return the rotation that turns by `second`, then by `first`, both in the same fixed axes."""
    a, b, c, d = first.tolist()
    w, x, y, z = second.tolist()
    return positive(
        np.array(
            [
                a * w - b * x - c * y - d * z,
                a * x + b * w + c * z - d * y,
                a * y - b * z + c * w + d * x,
                a * z + b * y - c * x + d * w,
            ]
        )
    )


def inverse(quaternion: Array) -> Array:
    """Return the opposite rotation of a quaternion of length 1."""
    return quaternion * (1.0, -1.0, -1.0, -1.0)


def positive(quaternion: Array) -> Array:
    """Return the quaternion of the same rotation with length 1 and w >= 0; one of length 0 stays as it is."""
    length = math.sqrt(float(quaternion @ quaternion))
    if length == 0.0:
        return quaternion
    result: Array = quaternion / (math.copysign(length, quaternion[0]) if quaternion[0] else length)
    return result
