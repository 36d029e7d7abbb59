"""The demonstrator stacks on the emulated robot, through the whole chain of a policy's action."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from helms_sim.benchmark.stacking import StackingRig
from test.graph.conftest import DOMAINS

SEEDS = (1002, 1003)
"""Episodes that are easy: they end long before their time."""

pytestmark = pytest.mark.needs_ros1


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StackingRig]:
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    with StackingRig(tmp_path, 20 + os.getpid() % DOMAINS) as made:
        yield made


def test_the_demonstrator_stacks_on_the_robot(rig: StackingRig) -> None:
    stacked = rig.run(SEEDS[0])
    assert (stacked.ended, stacked.refused, stacked.timeouts) == ("time", 0, 0), stacked
    assert stacked.received > 1800
    # A machine that is busy with something else may cost an episode, but not two.
    assert stacked.success or rig.run(SEEDS[1]).success
