"""Detection of stale, invalid and reported faults, just inside and just outside each threshold."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.safety.findings import Kind
from helms_control.safety.inputs import RobotState, Wanted
from helms_control.safety.limits import SafetyLimits
from helms_control.safety.watch import watch_command, watch_robot
from test.control.safety.arm import Changes

Array = npt.NDArray[np.float64]

LIMITS = SafetyLimits()
NOW = 1000.0
NAN = float("nan")
STILL = np.zeros(7)
GOOD = RobotState(
    stamp=NOW,
    joints=np.zeros(7),
    tcp=np.array([0.6, 0.0, 0.2]),
    jacobian=np.eye(6, 7),
    wrist_force=np.zeros(3),
    enabled=True,
    error=False,
    estop=False,
    collision=False,
    objects_stamp=NOW,
)


def kinds(changes: Changes) -> list[Kind]:
    return [item.kind for item in watch_robot(LIMITS, NOW, replace(GOOD, **changes))]


def asked(stamp: float, objects: float | None = NOW, velocity: Array = STILL, armed_at: float = 0.0) -> list[Kind]:
    return [item.kind for item in watch_command(LIMITS, NOW, armed_at, Wanted(velocity, stamp), objects)]


def test_a_robot_in_order_may_move() -> None:
    assert kinds({}) == []
    assert asked(NOW) == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"stamp": NOW - 0.101}, Kind.STALE_STATE),
        ({"stamp": NOW + 0.01}, Kind.STALE_STATE),
        ({"stamp": NAN}, Kind.STALE_STATE),
        ({"estop": True}, Kind.ESTOP),
        ({"estop": None}, Kind.ESTOP),
        ({"error": True}, Kind.ROBOT_ERROR),
        ({"enabled": False}, Kind.ROBOT_DISABLED),
        ({"enabled": None}, Kind.ROBOT_DISABLED),
        ({"collision": True}, Kind.COLLISION),
        ({"joints": np.full(7, NAN)}, Kind.BAD_STATE),
        ({"joints": np.zeros(6)}, Kind.BAD_STATE),
        ({"joints": [0.0] * 7}, Kind.BAD_STATE),
        ({"jacobian": np.full((6, 7), np.inf)}, Kind.BAD_STATE),
        ({"tcp": None}, Kind.BAD_STATE),
        ({"wrist_force": np.array([0.0, 0.0, NAN])}, Kind.BAD_STATE),
        ({"wrist_force": np.array([0.0, 24.1, -32.0])}, Kind.FORCE),
    ],
)
def test_a_robot_out_of_order_may_not(changes: Changes, kind: Kind) -> None:
    assert kinds(changes) == [kind]


def test_thresholds_themselves_are_allowed() -> None:
    # 0.0999 rather than 0.1, because a difference of large stamps is rounded.
    assert kinds({"stamp": NOW - 0.0999}) == []
    assert kinds({"wrist_force": np.array([0.0, 24.0, -32.0])}) == []
    assert asked(NOW - 0.1499, NOW - 0.499) == []


def test_every_cause_is_listed() -> None:
    assert kinds({"estop": True, "error": True, "enabled": False, "collision": True}) == [
        Kind.ESTOP,
        Kind.ROBOT_ERROR,
        Kind.ROBOT_DISABLED,
        Kind.COLLISION,
    ]


def test_no_state_and_no_action_are_stale() -> None:
    assert [item.kind for item in watch_robot(LIMITS, NOW, None)] == [Kind.STALE_STATE]
    assert [item.kind for item in watch_command(LIMITS, NOW, 0.0, None, NOW)] == [Kind.STALE_ACTION]


@pytest.mark.parametrize("stamp", [NOW - 0.151, NOW + 0.01, NAN, -np.inf])
def test_an_old_action_is_not_carried_out(stamp: float) -> None:
    assert asked(stamp) == [Kind.STALE_ACTION]


def test_an_action_from_before_arming_is_not_carried_out() -> None:
    assert asked(NOW - 0.01, armed_at=NOW - 0.005) == [Kind.STALE_ACTION]


@pytest.mark.parametrize("value", [NAN, np.inf, -np.inf, 1e300])
def test_a_command_that_is_no_number_is_refused(value: float) -> None:
    assert asked(NOW, velocity=np.where(np.arange(7) == 4, value, 0.0)) == [Kind.BAD_COMMAND]
    assert asked(NOW, velocity=np.zeros(6)) == [Kind.BAD_COMMAND]


@pytest.mark.parametrize("stamp", [NOW - 0.501, None, NAN])
def test_old_object_poses_hold_the_arm_unless_nobody_looks_at_them(stamp: float | None) -> None:
    assert asked(NOW, stamp) == [Kind.STALE_OBJECTS]
    blind = replace(LIMITS, object_age_s=None)
    assert watch_command(blind, NOW, 0.0, Wanted(np.zeros(7), NOW), stamp) == []


def test_a_finding_says_what_was_got_and_what_is_allowed() -> None:
    found = watch_robot(LIMITS, NOW, replace(GOOD, wrist_force=np.array([0.0, 50.0, 0.0])))
    assert str(found[0]) == "force: 50.0 N at the wrist, allowed 40 N"
