"""docs/robot.md has every message about the gripper, with what to do."""

from pathlib import Path

import pytest

from helms_control.hardware.gripper.problems import FAULTS, Problem

TABLE = (Path(__file__).parents[4] / "docs/robot.md").read_text().partition("## Gripper messages")[2]


@pytest.mark.parametrize("problem", Problem)
def test_every_message_is_explained(problem: Problem) -> None:
    what, _, advice = problem.value.partition(": ")
    (row,) = [line for line in TABLE.splitlines() if line.startswith(f"| {what} |")]
    assert row.endswith(f"| {advice} |")
    assert advice


def test_every_fault_code_of_the_manual_has_a_message() -> None:
    assert set(FAULTS) == {0x00, 0x05, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F}
