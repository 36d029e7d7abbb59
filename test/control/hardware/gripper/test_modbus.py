"""The client against pymodbus' server, over pseudo-terminals and a cable with faults."""

import time
from pathlib import Path

import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.base import Gripper
from helms_control.hardware.gripper.modbus import ModbusConfig, ModbusGripper
from helms_control.hardware.gripper.problems import Problem
from helms_control.hardware.gripper.registers import CommandBytes, ObjectDetection
from test.control.hardware.gripper.rig import PATIENCE_S, Rig, wait_for


def test_it_is_a_gripper(rig: Rig) -> None:
    gripper: Gripper = rig.client
    gripper.command(0.0)


def test_nothing_is_written_before_activation(rig: Rig) -> None:
    rig.client.command(255.0)
    wait_for(lambda: rig.client.cycles > 5)
    assert rig.server.writes == 0 and not rig.status().ready
    assert rig.client.problem() == Problem.NOT_ACTIVATED


def test_activation_makes_it_ready_without_moving_it_further(active: Rig) -> None:
    assert active.status().ready and active.status().problem == ""
    writes = active.server.writes
    active.client.activate(PATIENCE_S)
    wait_for(lambda: active.client.cycles > 30)
    # The activation bit, and the request for the place where the fingers are.
    assert active.server.writes <= writes + 1


def test_fingers_close_and_open_over_the_whole_stroke(active: Rig) -> None:
    active.drive(255.0, lambda: active.status().position == 255.0)
    assert active.device.position == pytest.approx(230.0, abs=0.5)
    assert active.status().detection is ObjectDetection.AT_REQUEST and not active.status().grasp
    active.drive(-1.0, lambda: active.status().position == 0.0)
    assert active.device.position == pytest.approx(3.0, abs=0.5)


def test_closing_fingers_report_their_speed(active: Rig) -> None:
    active.drive(255.0, lambda: active.status().position > 100.0)
    assert active.status().velocity > 0.0
    active.drive(-255.0, lambda: active.status().velocity < 0.0)


def test_an_object_stops_the_fingers_and_is_reported(active: Rig) -> None:
    active.device.obstacle = 120.0
    active.drive(255.0, lambda: active.status().grasp)
    assert active.device.position == 120.0
    # The request stays ahead of the fingers by the lead of 20 tics: 17.8 counts. That is what squeezes.
    active.drive(255.0, lambda: active.device.requested[0] == 138)
    active.drive(-255.0, lambda: not active.status().grasp and active.status().position < 100.0)


def test_a_command_that_is_not_repeated_lapses(active: Rig) -> None:
    active.drive(255.0, lambda: active.device.position > 4.0)
    written = -1

    def settled() -> bool:
        nonlocal written
        before, written = written, active.server.writes
        cycles = active.client.cycles
        wait_for(lambda: active.client.cycles > cycles + 15)
        return before == written

    wait_for(settled)
    assert active.device.position < 120.0


def test_zero_holds_what_is_held(active: Rig) -> None:
    active.device.obstacle = 120.0
    active.drive(255.0, lambda: active.device.requested[0] == 138)
    cycles = active.client.cycles
    active.drive(0.0, lambda: active.client.cycles > cycles + 20)
    assert active.device.requested[0] == 138 and active.status().grasp


def test_a_grip_outlives_a_broken_line(active: Rig) -> None:
    active.device.obstacle = 120.0
    active.drive(255.0, lambda: active.device.requested[0] == 138)
    active.cable.unplug()
    wait_for(lambda: not active.fresh())
    active.cable.plug()
    cycles = active.client.cycles
    wait_for(lambda: active.client.cycles > cycles + 10)
    assert active.device.requested[0] == 138 and active.status().grasp


def test_lost_activation_is_reported_and_not_mended_unasked(active: Rig) -> None:
    active.drive(255.0, lambda: active.status().position > 50.0)
    active.device.lose_power()
    wait_for(lambda: not active.status().ready)
    cycles = active.client.cycles
    active.drive(255.0, lambda: active.client.cycles > cycles + 30)
    assert not active.device.activated and not active.status().ready
    assert active.client.problem() == Problem.NOT_ACTIVATED
    active.client.activate(PATIENCE_S)
    position = active.status().position
    active.drive(255.0, lambda: active.status().position > position + 20.0)


def test_a_write_that_meets_a_power_failure_does_not_activate_for_good(active: Rig) -> None:
    active.drive(255.0, lambda: active.status().position > 50.0)
    active.device.activation_s = 10.0
    active.device.lose_power()
    active.device.write(CommandBytes(True, True, 200, 100, 50).registers(), time.monotonic())
    wait_for(lambda: active.device.requested == (0, 0, 0))
    assert not active.device.activated


def test_a_gripper_that_does_not_answer_is_an_error_with_advice(tmp_path: Path) -> None:
    client = ModbusGripper(ModbusConfig(str(tmp_path / "nothing")))
    client.start()
    with pytest.raises(HelmsError, match=r"not ready after 0\.1 s: no answer on .*no such port: plug the adapter in"):
        client.activate(0.1)
    assert client.status() is None and not client.fresh(0.0)
    client.close()


def test_commands_need_no_connection(tmp_path: Path) -> None:
    client = ModbusGripper(ModbusConfig(str(tmp_path / "nothing")))
    client.command(255.0)
    assert client.status() is None and client.problem() == "not connected yet"
    client.close()


@pytest.mark.parametrize(("name", "value"), [("timeout_s", 0.0), ("period_s", float("inf")), ("force", 256)])
def test_a_configuration_that_cannot_work_is_refused(name: str, value: float) -> None:
    with pytest.raises(HelmsError, match=f"gripper {name} must be"):
        ModbusConfig("port", **{name: value})  # type: ignore[arg-type]
