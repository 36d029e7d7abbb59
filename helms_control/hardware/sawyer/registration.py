"""Registration of a frame in the base frame, from points known in both."""

import math

import numpy as np
import numpy.typing as npt
from transforms3d.euler import mat2euler

from helms_control.control.kinematics import Link
from helms_control.errors import HelmsError

Array = npt.NDArray[np.float64]

NARROW = 0.02
"""Smallest spread about a line, m (root mean square), that determines the rotation about it."""


def register(there: Array, base: Array) -> tuple[Link, Array]:
    """Return the rigid transform of least squares (Kabsch 1976).

    Args:
        there: (n, 3) points in the frame, m, n >= 3.
        base: (n, 3) the same points in the base frame, m.

    Returns:
        The frame's pose in base, and the residual distance (n,) of each point, m.

    Raises:
        HelmsError: too few points, other shapes, numbers that are not finite, or points on a line.
    """
    if there.ndim != 2 or there.shape != base.shape or there.shape[1:] != (3,) or len(there) < 3:
        raise HelmsError(f"three points or more are needed, each in both frames; got {there.shape} and {base.shape}")
    if not (np.isfinite(there).all() and np.isfinite(base).all()):
        raise HelmsError("a point is not finite")
    middle, target = there.mean(axis=0), base.mean(axis=0)
    spread = np.linalg.svd(there - middle, compute_uv=False) / math.sqrt(len(there))
    if spread[1] < NARROW:
        raise HelmsError(
            f"the points lie within {1e3 * spread[1]:.0f} mm of a line, allowed are {1e3 * NARROW:.0f}; take others"
        )
    u, _, vt = np.linalg.svd((there - middle).T @ (base - target))
    # Exclude a reflection, which may fit better but is no rotation.
    handed = np.diag([1.0, 1.0, float(np.sign(np.linalg.det(vt.T @ u.T)))])
    turn = vt.T @ handed @ u.T
    origin = target - turn @ middle
    link = Link((float(origin[0]), float(origin[1]), float(origin[2])), mat2euler(turn, "sxyz"))
    return link, np.linalg.norm(there @ turn.T + origin - base, axis=1)
