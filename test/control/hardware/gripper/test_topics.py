"""The gripper behind ROS 1 topics: its law against an emulated 2F-85, and the messages."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.problems import Problem
from helms_control.hardware.gripper.registers import CommandBytes, ObjectDetection, StatusBytes
from helms_control.hardware.gripper.topics import TopicsConfig, TopicsGripper, output_fields, status_bytes
from helms_control.hardware.gripper.twofinger import TwoFinger
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


@pytest.mark.needs_ros1
def test_over_real_topics_it_activates_closes_and_says_when_it_is_gone(tmp_path: Path) -> None:
    device, quit_ = EmulatedGripper(obstacle=150.0), threading.Event()
    with Rosmaster(tmp_path) as master:
        ours, theirs = (Node(name, master.uri, "127.0.0.1") for name in ("/driver", "/gripper"))
        topics, gripper = GripperTopics(theirs, device), TopicsGripper(TopicsConfig(), ours)

        def talk() -> None:
            while not quit_.wait(PERIOD):
                topics.say()

        talker = threading.Thread(target=talk)
        with ours, theirs:
            with pytest.raises(
                HelmsError,
                match=r"not ready after 0\.2 s: no answer on /Robotiq2FGripperRobotInput: no status comes in",
            ):
                gripper.activate(0.2)
            gripper.start()
            talker.start()
            until(gripper.status)
            assert gripper.problem() == Problem.NOT_ACTIVATED
            gripper.activate(PATIENCE_S)

            def holds() -> bool:
                gripper.command(255.0)
                status = gripper.status()
                return status is not None and status.grasp

            until(holds)
            assert device.position == 150.0 and gripper.fresh(time.monotonic())
            quit_.set()
            talker.join()
            until(lambda: not gripper.fresh(time.monotonic()))
