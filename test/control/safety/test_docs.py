"""docs/safety.md agrees with the code: every kind of fault, its reaction, and the defaults."""

import re
from pathlib import Path

from helms_control.safety.findings import REACTIONS, Kind, Reaction
from helms_control.safety.layer import FIRST_SPEED_SCALE
from helms_control.safety.limits import SafetyLimits

PAGE = (Path(__file__).parents[3] / "docs" / "safety.md").read_text()
ROWS = {name: cells for name, cells in re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE)}
LIMITS = SafetyLimits()


def test_every_kind_has_its_row_and_its_reaction() -> None:
    assert list(ROWS) == [kind.value for kind in Kind] == [kind.value for kind in REACTIONS]
    for kind, reaction in REACTIONS.items():
        words = ROWS[kind].split(" | ")[1]
        assert reaction.value in words or kind is Kind.SINGULARITY, kind


def test_what_latches_is_left_by_arming_alone() -> None:
    for kind, reaction in REACTIONS.items():
        assert ("`arm`" in ROWS[kind].split(" | ")[2]) == reaction.latching, kind
    assert [reaction for reaction in Reaction if reaction.latching] == [Reaction.STOP, Reaction.CUT, Reaction.SILENCE]


def test_the_numbers_are_the_defaults() -> None:
    quoted = {
        Kind.JOINT_SPEED: [100 * LIMITS.speed_share],
        Kind.JOINT_ACCELERATION: [100 * LIMITS.acceleration_share],
        Kind.JOINT_POSITION: [LIMITS.joint_margin],
        Kind.TCP_SPEED: [LIMITS.linear_speed, LIMITS.angular_speed],
        Kind.WORKSPACE: [*LIMITS.box_lower, *LIMITS.box_upper],
        Kind.SINGULARITY: [LIMITS.singular_slow, LIMITS.singular_stop],
        Kind.STALE_ACTION: [1000 * LIMITS.action_age_s],
        Kind.STALE_OBJECTS: [1000 * (LIMITS.object_age_s or 0)],
        Kind.LATE_CYCLE: [1000 * LIMITS.reaction_s],
        Kind.FORCE: [LIMITS.wrist_force],
        Kind.STALE_STATE: [1000 * LIMITS.state_age_s],
    }
    for kind, numbers in quoted.items():
        found = [float(text) for text in re.findall(r"-?\d+\.?\d*", ROWS[kind].split(" | ")[0])]
        assert found == numbers, kind
    assert FIRST_SPEED_SCALE == 0.25
