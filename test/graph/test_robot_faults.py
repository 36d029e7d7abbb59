"""Faults of robot, graph and driver while the arm moves: time until the driver commands zero velocity."""

import gc
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from helms_control.errors import HelmsError
from helms_sim.benchmark.faults import LIMIT_S, SCENARIOS, STALE_OBJECTS_S, Scenario, measure
from helms_sim.benchmark.stack import DriverStack
from helms_sim.benchmark.wire import Sent, stands_from
from helms_sim.emulation.faults import Fault
from test.graph.conftest import DOMAINS, shared_files

pytestmark = pytest.mark.needs_ros1

MOVES, STANDS = (0.1,) * 7, (0.0,) * 7


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """As elsewhere, but for all tests here together: they share the processes."""
    before, folders = shared_files(), temporary_folders()
    yield
    gc.collect()
    assert shared_files() - before == set()
    assert temporary_folders() - folders == set()


def temporary_folders() -> set[Path]:
    """Folders that the stack, the robot and the graph make for themselves."""
    return set(Path(tempfile.gettempdir()).glob("helms_*"))


@pytest.fixture(scope="module")
def stack() -> Iterator[DriverStack]:
    with DriverStack(20 + os.getpid() % DOMAINS) as made:
        yield made


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_nothing_moves_200_ms_after_a_fault(stack: DriverStack, scenario: Scenario) -> None:
    try:
        reaction = measure(stack, scenario)
        if reaction.zero_s > scenario.limit_s:
            # A machine that is busy with something else may cost a measurement, but not two.
            reaction = measure(stack, scenario)
    except HelmsError:
        # The next test is not to suffer for it.
        stack.renew()
        raise
    assert reaction.speed > 0.8
    assert 0.0 < reaction.zero_s <= scenario.limit_s, reaction


def test_every_fault_of_the_emulated_robot_is_among_them() -> None:
    assert {scenario.fault for scenario in SCENARIOS} == {None, *Fault}
    # Only what is late before it is a fault is given more time.
    assert {scenario.limit_s for scenario in SCENARIOS} == {LIMIT_S, LIMIT_S + STALE_OBJECTS_S}


def test_the_table_in_the_guide_has_every_one_of_them_in_time() -> None:
    page = (Path(__file__).parents[2] / "docs" / "safety.md").read_text().partition("## Measured")[2]
    measured = dict(re.findall(r"^\| ([^|]+) \| (\d+) \|", page, re.MULTILINE))
    assert list(measured) == [scenario.name for scenario in SCENARIOS]
    assert all(0.001 * float(measured[scenario.name]) <= scenario.limit_s for scenario in SCENARIOS)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([], None),
        ([Sent(1.0, STANDS)], None),
        ([Sent(1.0, MOVES), Sent(1.01, MOVES), Sent(1.02, STANDS)], 1.02),
        ([Sent(1.0, MOVES), Sent(1.01, STANDS), Sent(1.02, MOVES), Sent(1.03, STANDS)], 1.03),
        ([Sent(1.0, MOVES)], 1.1),
        ([Sent(1.0, MOVES), Sent(2.0, STANDS)], 1.1),
    ],
)
def test_a_command_is_in_force_until_the_next_one_or_until_it_lapses(sent: list[Sent], expected: float | None) -> None:
    assert stands_from(sent, 0.1) == expected


def test_the_benchmark_prints_its_figures() -> None:
    command = [sys.executable, "-c", "from helms_control.cli import main; main()", "bench", "driver"]
    done = subprocess.run([*command, "--seconds", "5", "--json"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert {"p50_ms", "p99_ms", "stream_hz", "period_jitter_p99_ms"} <= set(told)
    assert told["stream_hz"] == pytest.approx(100.0, rel=0.03)
    assert told["actions"] > 40
    assert 0.0 < told["p50_ms"] < 15.0
