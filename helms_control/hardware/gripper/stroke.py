"""Measuring where the fingers of a gripper end, in its own counts."""

import time
from collections.abc import Callable

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.base import Gripper
from helms_control.hardware.gripper.target import CLOSED, Calibration

AS_COUNTED = Calibration(0, 255)
"""With it, a gripper's tics are its counts."""
SETTLED_S = 0.5
"""Fingers that have not moved for so long have come to their end, s."""
SILENT_S = 1.0
"""A gripper that has not been ready for so long is not going to be, s."""
REPEAT_S = 0.02
LEAST = 100.0
"""A stroke of fewer counts was not the whole one."""


def measure_stroke(
    gripper: Gripper,
    timeout_s: float = 10.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Calibration:
    """Close and open the empty fingers all the way, and return where they end.

    Args:
        gripper: activated, its calibration `AS_COUNTED`.
        timeout_s: longest time for one way, s.
        clock: monotonic time, s.
        sleep: waits, s.

    Raises:
        HelmsError: it says nothing, is not ready, does not come to an end, or something is between the fingers.
    """

    def end(speed: float) -> int:
        place, since = -1.0, clock()
        deadline, well = since + timeout_s, since
        while (now := clock()) < deadline:
            gripper.command(speed)
            status = gripper.status()
            if status is not None and status.ready and gripper.fresh(now):
                well = now
                if status.position != place:
                    place, since = status.position, now
                elif now - since >= SETTLED_S:
                    return round(place)
            elif now - well > SILENT_S:
                why = (status.problem if status else "") or "it is silent"
                raise HelmsError(f"the gripper cannot be measured: {why}")
            sleep(REPEAT_S)
        raise HelmsError(f"the fingers did not come to an end within {timeout_s:g} s; they are at {place:g} counts")

    closed, opened = end(CLOSED), end(-CLOSED)
    if closed - opened < LEAST:
        raise HelmsError(
            f"the fingers moved from {opened} to {closed} counts only; take out what is between them, and measure again"
        )
    return Calibration(opened, closed)
