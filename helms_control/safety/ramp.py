"""Acceleration-limited change of a joint velocity; all joints by one factor, to keep the direction of motion."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def ramp(velocity: Array, target: Array, acceleration: Array, dt: float) -> Array:
    """Step along the straight line from one velocity towards another, as far as the slowest joint allows.

    Args:
        velocity: (7,) current, rad/s.
        target: (7,) rad/s.
        acceleration: (7,) limits, rad/s^2.
        dt: time step, s.

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
    """Return the time (s) to brake all joints to zero: that of the slowest; inputs (7,) as in `ramp`."""
    return float(np.max(np.abs(velocity) / deceleration))
