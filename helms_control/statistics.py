"""Confidence interval of a success rate."""

import math
import operator

from helms_control.errors import HelmsError


def wilson_interval(successes: int, trials: int, z: float = 1.959964) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion.

    Args:
        successes: number of successful trials.
        trials: number of trials.
        z: quantile of the standard normal; the default gives 95 %.

    Returns:
        The lower and upper ends, both in [0, 1].

    Raises:
        HelmsError: counts that are not whole, no trial, successes outside 0..trials, or a z that is not above 0.

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    try:
        k, n = operator.index(successes), operator.index(trials)
    except TypeError as error:
        raise HelmsError(f"successes and trials must be whole numbers, got {successes!r} of {trials!r}") from error
    if n < 1 or not 0 <= k <= n:
        raise HelmsError(f"an interval needs 1 or more trials and 0 <= successes <= trials, got {k} of {n}")
    if not (math.isfinite(z) and z > 0):
        raise HelmsError(f"z must be finite and above 0, for instance 1.959964 for 95 %, got {z}")
    centre = k + z * z / 2
    spread = z * math.sqrt(k * (n - k) / n + z * z / 4)
    # Exact at the two ends, where rounding would leave 1e-17 or 0.9999999.
    low = 0.0 if k == 0 else (centre - spread) / (n + z * z)
    high = 1.0 if k == n else (centre + spread) / (n + z * z)
    return low, high
