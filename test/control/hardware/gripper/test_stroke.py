"""Stroke measurement against the emulated 2F-85, and its refusals, on a simulated clock."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from helms_control.commands.calibrate import gripper_command
from helms_control.errors import HelmsError
from helms_control.hardware.gripper.base import GripperStatus
from helms_control.hardware.gripper.registers import ObjectDetection
from helms_control.hardware.gripper.stroke import measure_stroke
from helms_control.hardware.gripper.target import Calibration
from helms_sim.emulation.cable import Cable
from helms_sim.emulation.gripper import EmulatedGripper
from helms_sim.emulation.modbus import GripperServer

WELL = GripperStatus(0.0, 120.0, 0.0, ObjectDetection.AT_REQUEST, 0.0, True, "")


class Fingers:
    """A gripper on a clock that only sleeping moves."""

    def __init__(self, low: float = 13.0, high: float = 226.0, **status: object) -> None:
        self.now, self.low, self.high, self.speed = 0.0, low, high, 0.0
        self.newest: GripperStatus | None = replace(WELL, **status)  # type: ignore[arg-type]

    def start(self) -> None: ...

    def activate(self, timeout_s: float) -> None: ...

    def close(self) -> None: ...

    def command(self, speed: float) -> None:
        self.speed = speed

    def status(self) -> GripperStatus | None:
        return self.newest

    def fresh(self, now: float) -> bool:
        return True

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.newest is not None:
            place = min(max(self.newest.position + self.speed * seconds, self.low), self.high)
            self.newest = replace(self.newest, position=place)

    def measure(self) -> Calibration:
        return measure_stroke(self, 5.0, lambda: self.now, self.sleep)


def test_the_stroke_is_where_the_fingers_end() -> None:
    assert Fingers().measure() == Calibration(13, 226)


@pytest.mark.parametrize(
    ("fingers", "words"),
    [
        (Fingers(high=90.0, position=50.0), "from 13 to 90 counts only; take out what is between them"),
        (Fingers(high=1e9), "did not come to an end within 5 s"),
        (Fingers(ready=False, problem="not activated: call activate"), "cannot be measured: not activated"),
    ],
)
def test_what_is_no_stroke_is_refused(fingers: Fingers, words: str) -> None:
    with pytest.raises(HelmsError, match=words):
        fingers.measure()


def test_a_gripper_that_says_nothing_is_refused() -> None:
    fingers = Fingers()
    fingers.newest = None
    with pytest.raises(HelmsError, match="cannot be measured: it is silent"):
        fingers.measure()


@pytest.fixture
def port(tmp_path: Path) -> Iterator[str]:
    cable = Cable(tmp_path)
    server = GripperServer(EmulatedGripper(), cable.device_port)
    yield str(cable.host_port)
    server.close()
    cable.close()


def test_the_command_prints_what_the_driver_is_told(port: str) -> None:
    done = CliRunner().invoke(gripper_command, ["--port", port, "--json"], input="\n")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert 0 <= told["gripper_open"] < 20 and 215 < told["gripper_closed"] <= 255


def test_without_anybody_to_ask_nothing_moves(port: str) -> None:
    done = CliRunner().invoke(gripper_command, ["--port", port])
    assert isinstance(done.exception, HelmsError)
    assert "add --yes" in str(done.exception)
