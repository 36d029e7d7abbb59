"""Faults of the gripper over the serial line, with the arm's control loop: the arm is held, with the reason."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.base import GripperStatus
from helms_control.hardware.gripper.modbus import ModbusConfig, ModbusGripper
from helms_control.hardware.gripper.problems import FAULTS, Problem
from helms_control.hardware.gripper.registers import CommandBytes, ObjectDetection
from helms_control.hardware.sawyer.outcome import Output
from helms_sim.emulation.cable import Fault
from test.control.hardware.gripper.rig import PATIENCE_S, Rig, wait_for
from test.control.hardware.sawyer import rig as sawyer

LIMIT_S = 0.2
"""Longest time from a status that forbids motion, or from the last one at all, to a commanded velocity of zero, s."""
Change = Callable[[Rig], None]


class Arm(sawyer.Rig):
    """An arm that moves in real time, its loop told what the gripper's client says and telling it its finger speed.

    Attributes:
        told: time, gripper status and whether anything was to move, of each cycle.
    """

    def __init__(self, client: ModbusGripper) -> None:
        """Start to move, fingers and arm."""
        self.client, self.told = client, list[tuple[float, GripperStatus, bool]]()
        super().__init__()
        self.silent.add("gripper")
        self.now, self.action = time.monotonic(), np.array([0.6, 0.4, -0.5, 0.3, 1.0])
        self.say()
        # On a busy machine the gripper may be late just now.
        wait_for(lambda: bool(self.cycle() and not self.loop.hindrances(self.now)))
        self.episode()

    def say(self) -> None:
        """As there, but the gripper is the real client's."""
        super().say()
        self.loop.senses.gripper = self.client.status()

    def cycle(self, count: int = 1) -> Output:
        """Wait for each cycle; time is that of the clock."""
        for _ in range(count):
            time.sleep(max(self.now + sawyer.PERIOD - time.monotonic(), 0.0))
            self.now = time.monotonic() - sawyer.PERIOD
            output = super().cycle()
            self.client.command(output.fingers or 0.0)
            status = self.loop.senses.gripper
            assert status is not None
            self.told.append((self.now, status, bool(self.velocity.any() or output.fingers)))
        return output

    def until(self, condition: Callable[[str], bool]) -> str:
        """Go on with the same action until a step was held, or not, for the right reason; return the reason."""
        end = time.monotonic() + PATIENCE_S
        while not condition(held := self.step(self.action)[0]):
            # Turned round, it stays in the cell, and so do the fingers.
            self.action = -self.action if self.loop.steps.step % 20 == 0 else self.action
            assert time.monotonic() < end, held
        return held

    def reaction_s(self) -> float:
        """Time from the newest status before the arm stood for good to its first zero, s."""
        index = next(i for i in range(len(self.told), 0, -1) if self.told[i - 1][2])
        when, status, _ = self.told[index]
        return when - (status.stamp if status.ready else next(s.stamp for _, s, _ in self.told if not s.ready))


def report(code: int) -> Change:
    return lambda rig: setattr(rig.device, "fault", code)


def spoil(fault: Fault) -> Change:
    def change(rig: Rig) -> None:
        rig.cable.fault, rig.cable.late_s = fault, 1.0

    return change


def jam(rig: Rig) -> None:
    rig.device.jammed = True


def lose_power(rig: Rig) -> None:
    rig.device.lose_power()


def unplug(rig: Rig) -> None:
    rig.cable.unplug()


def restart(rig: Rig) -> None:
    """Lose the supply while a command is on its way, which then activates the gripper."""
    rig.device.activation_s = 10.0
    rig.device.lose_power()
    rig.device.write(CommandBytes(True, True, 200, 100, 50).registers(), time.monotonic())


FAULTY: dict[str, tuple[Change, str]] = {
    **{f"0x{code:02X}": (report(code), message) for code, message in FAULTS.items() if code not in (0, 9)},
    "0x03": (report(0x03), Problem.UNKNOWN.replace("NN", "03")),
    "fingers jammed": (jam, Problem.STANDING),
    "supply lost for an instant": (lose_power, Problem.NOT_ACTIVATED),
    "supply lost, and a command on its way": (restart, Problem.NOT_ACTIVATED),
    "silent line": (spoil(Fault.SILENT), Problem.SILENT),
    "wrong checksums": (spoil(Fault.NOISY), Problem.DAMAGED),
    "garbage": (spoil(Fault.GARBAGE), Problem.DAMAGED),
    "half answers": (spoil(Fault.HALF), Problem.DAMAGED),
    "answers of another device": (spoil(Fault.OTHER_DEVICE), Problem.OTHER_DEVICE),
    "answers a second late": (spoil(Fault.LATE), "the gripper has been silent for"),
    "adapter unplugged": (unplug, Problem.NO_PORT),
}


@pytest.mark.parametrize(("change", "message"), FAULTY.values(), ids=FAULTY.keys())
def test_the_arm_stands_and_says_why(active: Rig, change: Change, message: str) -> None:
    arm = Arm(active.client)
    arm.until(lambda held: held == "")
    change(active)
    held = arm.until(lambda held: message in held and not arm.velocity.any())
    assert "the gripper is not ready: " in held or "the gripper has been silent for" in held
    assert arm.reaction_s() <= LIMIT_S
    arm.told.clear()
    arm.until(lambda _: len(arm.told) > 50)
    assert not any(moved for _, _, moved in arm.told)


GOES_ON = (
    "silent line",
    "wrong checksums",
    "garbage",
    "half answers",
    "answers of another device",
    "adapter unplugged",
)


@pytest.mark.parametrize("name", [*GOES_ON, "answers a second late", "fingers jammed", "0x08"])
def test_the_arm_goes_on_once_the_cause_is_gone(active: Rig, name: str) -> None:
    arm = Arm(active.client)
    change, message = FAULTY[name]
    change(active)
    arm.until(lambda held: message in held)
    active.cable.fault, active.device.jammed, active.device.fault = Fault.NONE, False, 0
    if change is unplug:
        active.cable.plug()
    arm.until(lambda held: held == "" and bool(arm.velocity.any()))
    assert active.device.activated


@pytest.mark.parametrize("name", [*GOES_ON, "answers a second late"])
def test_no_command_from_before_a_broken_line_is_repeated_after_it(active: Rig, name: str) -> None:
    device, client = active.device, active.client
    active.drive(255.0, lambda: active.status().position > 30.0)
    FAULTY[name][0](active)
    # The last command, and more while nobody answers.
    active.drive(255.0, lambda: not active.fresh())
    requested, moved = device.requested, device.position
    active.cable.fault = Fault.NONE
    if name == "adapter unplugged":
        active.cable.plug()
    wait_for(active.fresh)
    writes, cycles = active.server.writes, client.cycles
    wait_for(lambda: client.cycles > cycles + 20)
    assert active.server.writes == writes and device.requested == requested
    # The fingers have gone no further than they had been told to before.
    assert device.position - moved <= 1 + 20.0 * 227 / 255
    active.drive(-255.0, lambda: active.status().position == 0.0)


@pytest.mark.parametrize("late_s", [0.01, 0.1, 0.3, 1.0])
def test_a_status_is_never_taken_for_younger_than_it_is(active: Rig, late_s: float) -> None:
    device, read_at = active.device, dict[int, float]()
    read = device.read

    def stamped(now: float) -> list[int]:
        registers = read(now)
        read_at[len(read_at)] = now
        # The current counts the readings.
        return [*registers[:2], registers[2] & 0xFF00 | len(read_at) - 1 & 0xFF]

    device.read = stamped  # type: ignore[method-assign]
    active.cable.fault, active.cable.late_s = Fault.LATE, late_s
    end, seen = time.monotonic() + 2.0, dict[float, float]()
    while time.monotonic() < end:
        status = active.status()
        number = round(100.0 * status.current)
        when = max((at for key, at in read_at.items() if key % 256 == number), default=None)
        if when is not None and when > status.stamp - 1.0 and active.fresh():
            seen[status.stamp] = when - status.stamp
        time.sleep(0.002)
    assert all(slack > -0.001 for slack in list(seen.values())[5:])
    # Later than its time-out, it may as well be silent; one that is a little late is not.
    assert (len(seen) > 20) == (late_s < 0.03)


def test_an_activation_that_does_not_end_is_given_up_and_taken_back(rig: Rig) -> None:
    rig.device.activation_s = float("inf")
    begun = time.monotonic()
    with pytest.raises(HelmsError, match=f"not ready after 1 s: {Problem.ACTIVATING}"):
        rig.client.activate(1.0)
    assert time.monotonic() - begun < 1.5
    # Nor does it end later, when nobody looks at it any more.
    rig.device.activation_s = 0.0
    wait_for(lambda: rig.client.problem() == Problem.NOT_ACTIVATED)
    cycles = rig.client.cycles
    wait_for(lambda: rig.client.cycles > cycles + 20)
    assert not rig.device.activated


@pytest.mark.parametrize("code", [code for code in FAULTS if code >= 0x0A])
def test_activation_clears_a_fault_that_needs_a_reset(active: Rig, code: int) -> None:
    active.device.fault = code
    wait_for(lambda: not active.status().ready)
    writes = active.server.writes
    active.drive(255.0, lambda: active.client.cycles % 10 == 0)
    assert active.server.writes == writes
    active.client.activate(PATIENCE_S)
    assert active.device.fault == 0 and active.client.problem() == ""


def test_a_hot_gripper_is_not_reset(active: Rig) -> None:
    active.device.fault = 0x08
    wait_for(lambda: not active.status().ready)
    writes = active.server.writes
    with pytest.raises(HelmsError, match=f"not ready after 0.2 s: {Problem.HOT}"):
        active.client.activate(0.2)
    assert active.server.writes == writes and active.device.activated


def test_jammed_fingers_may_be_activated_anew(active: Rig) -> None:
    active.device.jammed = True
    active.drive(255.0, lambda: active.client.problem() == Problem.STANDING)
    active.device.jammed = False
    active.client.activate(PATIENCE_S)
    active.drive(255.0, lambda: active.status().position > 100.0)


def test_a_fault_drops_nothing_and_an_activation_that_would_is_refused(active: Rig) -> None:
    active.device.obstacle = 120.0
    active.drive(255.0, lambda: active.device.requested[0] == 138)
    active.device.fault = 0x0E
    wait_for(lambda: not active.status().ready)
    writes = active.server.writes
    with pytest.raises(HelmsError) as error:
        active.client.activate(0.2)
    assert str(error.value) == f"the gripper is not activated: {Problem.OVERCURRENT}. {Problem.HOLDING}"
    assert active.server.writes == writes and active.device.requested[0] == 138
    # Its supply off and on: it is as new.
    active.device.fault = 0
    active.device.lose_power()
    wait_for(lambda: active.client.problem() == Problem.NOT_ACTIVATED)
    active.client.activate(PATIENCE_S)


def test_a_second_alone_on_the_line_stops_nothing(active: Rig) -> None:
    active.device.fault = 0x09
    wait_for(lambda: active.client.problem() == Problem.NO_COMMUNICATION)
    active.drive(255.0, lambda: active.status().position > 50.0)
    assert active.status().ready


@pytest.fixture
def another(rig: Rig) -> Rig:
    """A gripper that another program has activated, and that holds something."""
    rig.device.obstacle, rig.device.activation_s = 120.0, 0.0
    now = time.monotonic()
    rig.device.write(CommandBytes(True).registers(), now)
    rig.device.write(CommandBytes(True, True, 255, 200, 250).registers(), now)
    rig.device.advance(now + 1.0)
    wait_for(lambda: rig.client.status() is not None and rig.status().grasp)
    return rig


def test_what_another_program_activated_is_neither_reset_nor_told_anything(another: Rig) -> None:
    another.client.activate(PATIENCE_S)
    cycles = another.client.cycles
    another.drive(0.0, lambda: another.client.cycles > cycles + 20)
    assert another.status().ready and another.status().grasp
    assert another.server.writes == 0 and another.device.requested == (255, 200, 250)


def test_what_another_program_holds_opens_at_the_first_command(another: Rig) -> None:
    another.drive(-255.0, lambda: another.server.writes > 0)
    # From 20 tics beyond the fingers, not from the 255 that the other had asked for.
    assert another.device.requested[0] <= 138
    another.drive(-255.0, lambda: another.status().position == 0.0)
    assert not another.status().grasp


def test_a_driver_that_starts_anew_keeps_the_grip(active: Rig) -> None:
    active.device.obstacle = 120.0
    active.drive(255.0, lambda: active.device.requested[0] == 138)
    active.client.close()
    writes = active.server.writes
    client = ModbusGripper(ModbusConfig(active.cable.host_port))
    client.start()
    client.activate(PATIENCE_S)
    status = client.status()
    client.close()
    assert status is not None and status.detection is ObjectDetection.STOPPED_CLOSING
    assert active.server.writes == writes


def test_a_port_that_cannot_be_used_says_why(active: Rig, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.touch(0o000)
    ports = {str(tmp_path / "none"): Problem.NO_PORT, active.cable.host_port: Problem.PORT_BUSY}
    if os.geteuid() != 0:
        ports[str(closed)] = Problem.NO_PERMISSION
    for port, message in ports.items():
        client = ModbusGripper(ModbusConfig(port))
        client.start()
        with pytest.raises(HelmsError, match=f"not ready after 0.2 s: no answer on {port}: {message}"):
            client.activate(0.2)
        client.close()
    assert active.status().ready
