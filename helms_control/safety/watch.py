"""The watchdogs: what is stale, broken or reported by the robot itself."""

import math

import numpy as np

from helms_control.safety.findings import Finding, Kind
from helms_control.safety.inputs import RobotState, Wanted
from helms_control.safety.limits import SafetyLimits

FUTURE_S = 0.005
"""How far ahead of now a stamp may lie, s: threads read the clock at different moments."""
ABSURD = 1e6
"""No angle, length, force or speed is larger than this in SI units: what is, is broken, and would only overflow."""
_SHAPES = (("joints", (7,)), ("tcp", (3,)), ("jacobian", (6, 7)), ("wrist_force", (3,)))
_FLAGS = (
    ("estop", True, Kind.ESTOP, "the emergency stop is engaged"),
    ("error", True, Kind.ROBOT_ERROR, "the robot reports an error"),
    ("enabled", False, Kind.ROBOT_DISABLED, "the robot is not enabled"),
    ("collision", True, Kind.COLLISION, "the robot reports a collision"),
)


def watch_robot(limits: SafetyLimits, now: float, state: RobotState | None) -> list[Finding]:
    """Look at the robot: age, numbers, flags and force.

    Args:
        limits: thresholds.
        now: time, s.
        state: newest robot state; None before the first.

    Returns:
        What is wrong with it; empty if it may move.
    """
    if state is None:
        return [Finding(Kind.STALE_STATE, "no robot state yet")]
    found = [
        Finding(kind, words)
        for name, bad, kind, words in _FLAGS
        # Anything but the plain good value is bad: a flag that is missing or unknown must not let the arm move.
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
    """Look at what is asked for: its age, its numbers, and the object poses behind it.

    Args:
        limits: thresholds.
        now: time, s.
        armed_at: when the robot was armed, s; an action from before is not carried out.
        wanted: newest wanted velocity; None before the first.
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
        found.append(Finding(Kind.BAD_COMMAND, f"the wanted velocity must be 7 sound numbers, got {wanted.velocity!r}"))
    if limits.object_age_s is not None and (stale := _stale("object pose", now, objects_stamp, limits.object_age_s)):
        found.append(Finding(Kind.STALE_OBJECTS, stale))
    return found


def _stale(what: str, now: float, stamp: float | None, allowed: float) -> str:
    """Say why a stamp is not recent, or nothing; NaN and stamps from the future are never recent."""
    if stamp is None:
        return f"no {what} yet"
    age = now - stamp
    if -FUTURE_S <= age <= allowed:
        return ""
    return f"the {what} is {age:.3f} s old, allowed {allowed:g} s"


def _broken(state: RobotState) -> str:
    """Name the first field of the state that is not numbers of the right shape, or nothing."""
    for name, shape in _SHAPES:
        if not _sound(getattr(state, name), shape):
            return f"{name} must be sound numbers of shape {shape}, got {getattr(state, name)!r}"
    return ""


def _sound(value: object, shape: tuple[int, ...]) -> bool:
    return (
        isinstance(value, np.ndarray)
        and value.shape == shape
        and value.dtype.kind == "f"
        # NaN fails this comparison, too.
        and bool((np.abs(value) <= ABSURD).all())
    )
