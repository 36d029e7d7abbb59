"""Changing a velocity no faster than allowed; all seven joints together, so that the direction of motion is kept."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def ramp(velocity: Array, target: Array, acceleration: Array, dt: float) -> Array:
    """Go from one velocity straight towards another, as far as the slowest joint allows.

    Args:
        velocity: (7,) present, rad/s.
        target: (7,) wanted, rad/s.
        acceleration: (7,) largest, rad/s^2.
        dt: time that passes, s.

    Returns:
        (7,) rad/s; exactly the target where it can be reached.
    """
    change = target - velocity
    share = float(np.max(np.abs(change) / acceleration))
    if share <= dt:
        return target.copy()
    result: Array = velocity + change * (dt / share)
    return result


def stop_time(velocity: Array, deceleration: Array) -> float:
    """Time (s) that braking all joints together to zero takes: that of the slowest; inputs (7,) as in `ramp`."""
    return float(np.max(np.abs(velocity) / deceleration))
