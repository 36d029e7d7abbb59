"""Watchdogs: stale or invalid inputs, and faults reported by the robot."""

import math

import numpy as np

from helms_control.safety.findings import Finding, Kind
from helms_control.safety.inputs import RobotState, Wanted
from helms_control.safety.limits import SafetyLimits

FUTURE_S = 0.005
"""Tolerance for stamps in the future, s: threads read the clock at different moments."""
ABSURD = 1e6
"""Largest valid magnitude of an angle, length, force or speed, SI units; larger ones are faults and could overflow."""
_SHAPES = (("joints", (7,)), ("tcp", (3,)), ("jacobian", (6, 7)), ("wrist_force", (3,)))
_FLAGS = (
    ("estop", True, Kind.ESTOP, "the emergency stop is engaged"),
    ("error", True, Kind.ROBOT_ERROR, "the robot reports an error"),
    ("enabled", False, Kind.ROBOT_DISABLED, "the robot is not enabled"),
    ("collision", True, Kind.COLLISION, "the robot reports a collision"),
)


def watch_robot(limits: SafetyLimits, now: float, state: RobotState | None) -> list[Finding]:
    """Check the robot state: age, numbers, flags and force.

    Args:
        limits: thresholds.
        now: time, s.
        state: newest robot state; None before the first.

    Returns:
        The findings; empty if the robot may move.
    """
    if state is None:
        return [Finding(Kind.STALE_STATE, "no robot state yet")]
    found = [
        Finding(kind, words)
        for name, bad, kind, words in _FLAGS
        # Any other value than the good one is a fault: a missing or unknown flag must not permit motion.
        if getattr(state, name) is not (not bad)
    ]
    if stale := _stale("robot state", now, state.stamp, limits.state_age_s):
        return [*found, Finding(Kind.STALE_STATE, stale)]
    if broken := _broken(state):
        return [*found, Finding(Kind.BAD_STATE, broken)]
    force = math.hypot(*state.wrist_force.tolist())
    if force > limits.wrist_force:
        found.append(Finding(Kind.FORCE, f"{force:.1f} N at the wrist, allowed {limits.wrist_force:g} N"))
    return found


def watch_command(
    limits: SafetyLimits, now: float, armed_at: float, wanted: Wanted | None, objects_stamp: float | None
) -> list[Finding]:
    """Check the request: its age, its numbers, and the age of the object poses.

    Args:
        limits: thresholds.
        now: time, s.
        armed_at: when the robot was armed, s; earlier actions are refused.
        wanted: newest requested velocity; None before the first.
        objects_stamp: see `RobotState`.
    """
    found = []
    if wanted is None:
        found.append(Finding(Kind.STALE_ACTION, "no action yet"))
    elif stale := _stale("action", now, wanted.stamp, limits.action_age_s):
        found.append(Finding(Kind.STALE_ACTION, stale))
    elif wanted.stamp < armed_at:
        found.append(Finding(Kind.STALE_ACTION, "the action is from before the robot was armed"))
    elif not _sound(wanted.velocity, (7,)):
        found.append(Finding(Kind.BAD_COMMAND, f"the velocity must be 7 numbers within +-1e6, got {wanted.velocity!r}"))
    if limits.object_age_s is not None and (stale := _stale("object pose", now, objects_stamp, limits.object_age_s)):
        found.append(Finding(Kind.STALE_OBJECTS, stale))
    return found


def _stale(what: str, now: float, stamp: float | None, allowed: float) -> str:
    """Return why a stamp is stale, or an empty string; NaN and future stamps count as stale."""
    if stamp is None:
        return f"no {what} yet"
    age = now - stamp
    if -FUTURE_S <= age <= allowed:
        return ""
    return f"the {what} is {age:.3f} s old, allowed {allowed:g} s"


def _broken(state: RobotState) -> str:
    """Return what is wrong with the first invalid field of the state, or an empty string."""
    for name, shape in _SHAPES:
        if not _sound(getattr(state, name), shape):
            return f"{name} must be numbers within +-1e6 of shape {shape}, got {getattr(state, name)!r}"
    return ""


def _sound(value: object, shape: tuple[int, ...]) -> bool:
    return (
        isinstance(value, np.ndarray)
        and value.shape == shape
        and value.dtype.kind == "f"
        # NaN fails this comparison, too.
        and bool((np.abs(value) <= ABSURD).all())
    )
