"""The service emergency_stop over real links, in every state that a driver can be in: a stop reaches the robot."""

import re
from pathlib import Path

import pytest

from test.support.emergency import STATES, call, call_unheard

pytestmark = pytest.mark.needs_ros1

ANSWERS = {
    "broken by an error in its control loop": "the driver is broken: ZeroDivisionError: injected",
    "control loop hangs, and the node with it": "the robot confirmed it after .* s; the control loop hangs",
    "`/robot/state` not received yet": "the robot has not reported its state yet, so nothing is confirmed; it is",
    'the newest state, "stopped", is stale': "not confirmed: the robot's newest state",
    "dry run": "the robot confirmed it after .* s; dry run: nothing but the stop is sent",
}


@pytest.mark.parametrize("state", STATES)
def test_a_stop_reaches_the_robot_and_the_answer_says_what_is_known(state: str, tmp_path: Path, domain: int) -> None:
    result = call(state, tmp_path, domain)
    assert result.stopped and result.sent
    assert result.ms < 100.0
    assert re.search(ANSWERS.get(state, "the robot confirmed it after"), result.answer)


def test_where_no_robot_listens_the_answer_says_so_and_a_robot_that_comes_later_is_stopped(
    tmp_path: Path, domain: int
) -> None:
    nobody, later = call_unheard(tmp_path, domain)
    assert not nobody.sent
    assert "NO STOP COULD BE SENT: the robot does not listen to its stop topic; press the robot's" in nobody.answer
    assert later.sent and later.stopped and "the robot confirmed it" in later.answer
