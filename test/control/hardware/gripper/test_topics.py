"""The gripper behind ROS 1 topics: control law against an emulated 2F-85, and messages."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.problems import FAULTS, Problem
from helms_control.hardware.gripper.registers import CommandBytes, ObjectDetection, StatusBytes
from helms_control.hardware.gripper.topics import TopicsConfig, TopicsGripper, output_fields, status_bytes
from helms_control.hardware.gripper.twofinger import STANDING_S, TwoFinger
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.typestore import message_type
from helms_sim.emulation.debian_ros1 import Rosmaster
from helms_sim.emulation.gripper import EmulatedGripper
from helms_sim.emulation.robotiq import GripperTopics

PERIOD = 0.02
PATIENCE_S = 20.0
IN = "robotiq_2f_gripper_control/Robotiq2FGripper_robot_input"
OUT = "robotiq_2f_gripper_control/Robotiq2FGripper_robot_output"


class Line:
    """A gripper and what drives it, exchanging bytes on a clock of their own."""

    def __init__(self, obstacle: float | None = None) -> None:
        self.now, self.device = 10.0, EmulatedGripper(obstacle=obstacle)
        self.driver = TwoFinger(TopicsConfig(), lambda: self.now)
        self.written: list[CommandBytes] = []

    def run(self, seconds: float, speed: float | None = None) -> StatusBytes:
        """Exchange for a time, repeating a command."""
        for _ in range(round(seconds / PERIOD)):
            self.now += PERIOD
            if speed is not None:
                self.driver.command(speed)
            read = StatusBytes.of(self.device.read(self.now))
            answer = self.driver.hear(read, self.now)
            if answer is not None:
                self.written.append(answer)
                self.device.write(answer.registers(), self.now)
        return StatusBytes.of(self.device.read(self.now))

    def activate(self) -> None:
        """Ask for an activation, without waiting."""
        self.driver.activating = True


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    made.activate()
    made.run(1.0)
    made.written.clear()
    yield made


def test_nothing_is_written_before_activation() -> None:
    line = Line()
    line.run(0.5, 255.0)
    assert line.written == []
    line.activate()
    assert line.run(1.0).ready
    assert [each.activate for each in line.written[:2]] == [False, True] or line.written[0].activate


def test_fingers_close_at_255_tics_a_second_and_stand_at_zero(line: Line) -> None:
    line.run(0.4, 0.3)
    closed = line.device.position
    # Sign only: 0.4 s at 255 tics/s are 102 tics of 255, and so 91 of 227 counts.
    assert closed == pytest.approx(3 + 91, abs=8)
    line.run(0.3, 0.0)
    assert line.device.position == pytest.approx(closed, abs=6)
    line.run(2.0, -1.0)
    assert line.device.position == pytest.approx(3, abs=1)


def test_a_command_that_is_not_repeated_lapses(line: Line) -> None:
    line.run(0.1, 255.0)
    line.run(0.3)
    stood = line.device.position
    line.run(0.5)
    assert line.device.position == pytest.approx(stood, abs=1)


def test_a_grip_opens_at_once_because_the_target_does_not_run_away() -> None:
    line = Line(obstacle=100.0)
    line.activate()
    line.run(1.0)
    read = line.run(2.0, 255.0)
    assert (read.position, read.detection) == (100, ObjectDetection.STOPPED_CLOSING)
    line.run(0.2, -255.0)
    assert line.device.position < 90


def test_a_lost_activation_is_not_restored_unasked(line: Line) -> None:
    line.device.lose_power()
    line.written.clear()
    read = line.run(1.0, 255.0)
    assert not read.ready and line.written == []


def test_a_ready_gripper_stays_as_it_is_when_activated_again(line: Line) -> None:
    line.run(0.3, 255.0)
    before = line.device.position
    line.activate()
    assert line.run(0.2).ready
    assert line.device.position >= before
    assert all(each.activate for each in line.written)


@pytest.mark.parametrize(("code", "message"), [item for item in FAULTS.items() if item[0] not in (0, 9)])
def test_a_fault_is_named_and_nothing_more_is_written(line: Line, code: int, message: Problem) -> None:
    line.run(0.2, 255.0)
    line.written.clear()
    line.device.fault = code
    line.run(0.5, 255.0)
    status = line.driver.status()
    assert status is not None and (status.ready, status.problem) == (False, message)
    assert line.written == []
    line.device.fault = 0
    line.run(0.1, 255.0)
    assert line.written and line.driver.problem() == ""


def test_fingers_that_stand_without_an_object_are_reported(line: Line) -> None:
    line.run(0.2, 255.0)
    line.device.jammed = True
    line.run(STANDING_S - 0.1, 255.0)
    assert line.driver.problem() == ""
    line.run(0.2, 255.0)
    status = line.driver.status()
    assert status is not None and (status.ready, status.problem) == (False, Problem.STANDING)


def test_an_activation_that_nobody_waits_for_is_taken_back() -> None:
    line = Line()
    line.device.activation_s = 5.0
    line.activate()
    line.run(1.0)
    assert line.driver.problem() == Problem.ACTIVATING
    line.driver.activating = False
    assert not line.run(10.0).active and line.written[-1] == CommandBytes(activate=False)


def test_commands_from_before_a_silence_are_not_repeated_after_it(line: Line) -> None:
    requested = line.run(0.2, 255.0).requested
    line.written.clear()
    line.now += 1.0
    line.driver.command(255.0)
    assert not line.driver.fresh(line.now)
    assert line.run(0.5).requested == requested
    assert line.written == []


def test_what_another_program_activated_is_neither_reset_nor_written_to() -> None:
    line = Line(obstacle=100.0)
    line.device.activation_s = 0.0
    line.device.write(CommandBytes(True).registers(), line.now)
    line.device.write(CommandBytes(True, True, 255, 200, 250).registers(), line.now)
    line.activate()
    read = line.run(2.0, 0.0)
    assert (read.requested, read.detection, line.written) == (255, ObjectDetection.STOPPED_CLOSING, [])


@pytest.mark.parametrize("fields", [(1, 1, 9, 2, 0), (1, 1, 3, 2, 255), (0, 1, 3, 2, 0), (1, 1, 0, 255, 0)])
def test_numbers_that_no_gripper_reports_do_not_make_it_ready(fields: tuple[int, ...]) -> None:
    read = status_bytes(message_type(IN).decode(bytes([*fields, 120, 99, 7])))
    assert not read.ready and read.problem


def test_messages_carry_the_bytes_of_the_registers() -> None:
    out, into = message_type(OUT), message_type(IN)
    assert (out.md5sum, into.md5sum) == ("481503a99d995d0e403b7ee708c6862c", "17d49e32c00f4f2fb4fe664060553362")
    command = CommandBytes(True, True, 120, 33, 44)
    assert bytes(out.encode(out.new(**output_fields(command)))) == bytes([1, 1, 0, 120, 33, 44])
    read = status_bytes(into.decode(bytes([1, 1, 3, 2, 0, 120, 99, 7])))
    assert read == StatusBytes(True, True, 3, ObjectDetection.STOPPED_CLOSING, 0, 120, 99, 0.07)


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


@contextmanager
def speaking(topics: GripperTopics) -> Iterator[None]:
    """Publish the status at 50 Hz meanwhile."""
    quit_ = threading.Event()

    def talk() -> None:
        while not quit_.wait(PERIOD):
            topics.say()

    talker = threading.Thread(target=talk)
    talker.start()
    yield
    quit_.set()
    talker.join()


@pytest.fixture
def ros1(tmp_path: Path) -> Iterator[tuple[str, TopicsGripper]]:
    """URI of a master, and a driver's side that is started."""
    with Rosmaster(tmp_path) as master, Node("/driver", master.uri, "127.0.0.1") as node:
        gripper = TopicsGripper(TopicsConfig(), node)
        gripper.start()
        yield master.uri, gripper


def told(gripper: TopicsGripper, speed: float, condition: Callable[[], object]) -> None:
    """Repeat a command until something is so."""

    def tell() -> object:
        gripper.command(speed)
        return condition()

    until(tell)


@pytest.mark.needs_ros1
def test_without_the_gripper_s_node_it_says_so(ros1: tuple[str, TopicsGripper]) -> None:
    _, gripper = ros1
    silent = f"no answer on /Robotiq2FGripperRobotInput: {Problem.NO_STATUS}"
    with pytest.raises(HelmsError, match=rf"not ready after 0\.2 s: {silent}"):
        gripper.activate(0.2)
    assert gripper.status() is None


@pytest.mark.needs_ros1
def test_over_real_topics_the_gripper_s_node_may_end_and_come_back(ros1: tuple[str, TopicsGripper]) -> None:
    uri, gripper = ros1
    device = EmulatedGripper(obstacle=150.0)

    def grasp() -> bool:
        status = gripper.status()
        return status is not None and status.grasp

    with Node("/gripper", uri, "127.0.0.1") as node, speaking(GripperTopics(node, device)):
        until(gripper.status)
        assert gripper.problem() == Problem.NOT_ACTIVATED
        gripper.activate(PATIENCE_S)
        told(gripper, 255.0, grasp)
        assert device.position == 150.0 and gripper.fresh(time.monotonic())
    told(gripper, 255.0, lambda: not gripper.fresh(time.monotonic()))
    assert Problem.NO_STATUS in gripper.problem()
    requested = device.requested
    with Node("/gripper", uri, "127.0.0.1") as node, speaking(GripperTopics(node, device)):
        received = gripper.received
        until(lambda: gripper.received > received + 20)
        assert grasp() and device.requested == requested
        told(gripper, -255.0, lambda: device.position < 100.0)
