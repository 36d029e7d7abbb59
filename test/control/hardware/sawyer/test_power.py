"""The robot's power: both versions of its state message, and enabling an emulated robot on a simulated clock."""

from dataclasses import replace
from typing import Any

import pytest

from helms_control.hardware.ros1.typestore import message_type
from helms_control.hardware.sawyer.enabling import SECONDS, Procedure, Request
from helms_control.hardware.sawyer.link import STATES
from helms_control.hardware.sawyer.robot_state import Assembly
from helms_sim.emulation.assembly import Assembly as Robot
from helms_sim.emulation.intera import power_of

NEW, OLD = STATES
PERIOD = 0.01


def said(robot: Robot, kind: str, now: float = 0.0, **changes: object) -> Assembly:
    """What the driver makes of a robot's state, through the bytes of its message."""
    known = message_type(kind)
    fields = {name: value for name, value in power_of(robot).items() if kind == NEW or name != "homed"}
    return Assembly.of(known.decode(bytes(known.encode(known.new(**fields | changes)))), now)


def act(robot: Robot, request: Request | None, now: float) -> None:
    if request in (Request.ENABLE, Request.DISABLE):
        robot.enable(now, request is Request.ENABLE)
    elif request is Request.RESET:
        robot.reset()
    robot.step(now)


def run(robot: Robot, goal: Request, kind: str = NEW, seconds: float = 20.0) -> tuple[Procedure, list[Request], float]:
    """Let a procedure lead a robot to its end; return what it asked for and how long it took."""
    now, asked = 0.0, []
    procedure = Procedure(goal, now)
    while not procedure.done and now < seconds:
        request = procedure.step(now, said(robot, kind, now))
        asked += [request] if request is not None else []
        act(robot, request, now)
        now += PERIOD
    return procedure, list(dict.fromkeys(asked)), now


@pytest.mark.parametrize("kind", [NEW, OLD])
def test_both_generations_say_the_same(kind: str) -> None:
    robot = Robot()
    well = said(robot, kind, 4.0)
    assert (well.stamp, well.enabled, well.estop, well.faulty, well.clear, str(well)) == (
        4.0,
        True,
        False,
        False,
        True,
        "enabled",
    )
    robot.press()
    pressed = said(robot, kind)
    assert (pressed.estop, pressed.enabled, pressed.clear) == (True, False, False)
    assert str(pressed) == "disabled, stopped, emergency stop button pressed, stopped by user"
    assert said(Robot(), kind, lowVoltage=True).faulty


def test_the_two_generations_differ_on_the_wire() -> None:
    sums = {kind: message_type(kind).md5sum for kind in STATES}
    assert sums == {NEW: "df79ce5f75a6b23626e9fcdf1cc4d298", OLD: "1dd1da5d897074cd1eece6cc0449a2eb"}
    assert [len(bytes(message_type(kind).encode(message_type(kind).new()))) for kind in STATES] == [8, 7]


def test_only_the_newer_one_knows_whether_it_is_homed() -> None:
    robot = Robot()
    robot.homed = False
    assert said(robot, NEW).faulty and "not homed" in str(said(robot, NEW))
    assert not said(robot, OLD).faulty


@pytest.mark.parametrize(
    ("button", "source", "estop"), [(0, 0, False), (1, 0, True), (2, 0, True), (3, 0, False), (0, 3, True)]
)
def test_what_cannot_rule_out_a_stop_is_one(button: int, source: int, estop: bool) -> None:
    assert replace(said(Robot(), NEW), estop_button=button, estop_source=source).estop is estop
    assert "code 9" in str(replace(said(Robot(), NEW), estop_button=9))


@pytest.mark.parametrize("kind", [NEW, OLD])
def test_enabling_a_disabled_robot_asks_until_it_is_so(kind: str) -> None:
    robot = Robot()
    robot.enable(0.0, False)
    procedure, asked, took = run(robot, Request.ENABLE, kind)
    assert (procedure.failure, asked, robot.enabled) == ("", [Request.ENABLE], True)
    assert took == pytest.approx(robot.enable_s, abs=0.05)


def test_enabling_a_stopped_robot_resets_it_first() -> None:
    robot = Robot()
    robot.stop()
    procedure, asked, _ = run(robot, Request.ENABLE)
    assert (procedure.failure, asked, robot.enabled) == ("", [Request.RESET, Request.ENABLE], True)


@pytest.mark.parametrize("goal", [Request.ENABLE, Request.RESET])
def test_a_pressed_button_is_not_reset(goal: Request) -> None:
    robot = Robot()
    robot.press()
    procedure, asked, _ = run(robot, goal)
    assert (procedure.failure, asked) == (f"{goal}: the emergency stop button is pressed; release it first", [])
    robot.release()
    assert run(robot, goal)[0].failure == ""


def test_a_fault_that_stays_is_reported_in_time() -> None:
    robot = Robot()
    robot.fault()
    procedure, asked, took = run(robot, Request.ENABLE)
    assert asked == [Request.RESET]
    assert "enable: the robot did not follow within 5 s; it is disabled, error" in procedure.failure
    assert took == pytest.approx(SECONDS, abs=0.1)
    robot.repair()
    assert run(robot, Request.ENABLE)[0].failure == ""


def test_disable() -> None:
    robot = Robot()
    procedure, asked, _ = run(robot, Request.DISABLE)
    assert (procedure.failure, asked, robot.enabled) == ("", [Request.DISABLE], False)


def test_what_is_so_already_is_not_asked_for() -> None:
    procedure, asked, _ = run(Robot(), Request.ENABLE)
    assert (procedure.failure, asked) == ("", [])


def test_a_silent_robot_fails() -> None:
    procedure: Any = Procedure(Request.ENABLE, 0.0)
    assert procedure.step(1.0, None) is None and not procedure.done
    assert procedure.step(SECONDS + 0.1, None) is None
    assert procedure.failure.endswith("it is silent")
