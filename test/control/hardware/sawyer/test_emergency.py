"""The emergency stop without a robot: sent at once and until confirmed, in every state of the driver."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.sawyer.emergency import REPEAT_S, EmergencyStop
from helms_control.hardware.sawyer.enabling import Request
from helms_control.hardware.sawyer.robot_state import Assembly
from test.control.hardware.sawyer.rig import WELL
from test.control.hardware.sawyer.test_driver import Bench, Paper

STOPPED = replace(WELL, enabled=False, stopped=True, estop_source=1)


class Robot:
    """Receives stops and reports a state.

    Attributes:
        stops: received so far.
        listens: whether it subscribes to stops.
        state: newest report.
    """

    def __init__(self) -> None:
        self.stops, self.listens = 0, True
        self.state: Assembly | None = replace(WELL, stamp=time.monotonic())

    def stop(self) -> int:
        self.stops += self.listens
        return int(self.listens)

    def report(self, state: Assembly) -> None:
        self.state = replace(state, stamp=time.monotonic())


@pytest.fixture
def robot() -> Robot:
    return Robot()


@pytest.fixture
def emergency(robot: Robot) -> Iterator[EmergencyStop]:
    made = EmergencyStop(robot.stop, lambda: robot.state)
    yield made
    made.release()


def wait_for(robot: Robot, stops: int) -> None:
    end = time.monotonic() + 10.0
    while robot.stops < stops:
        assert time.monotonic() < end
        time.sleep(0.002)


def test_it_is_sent_before_the_call_returns(emergency: EmergencyStop, robot: Robot) -> None:
    assert str(emergency) == ""
    emergency.press()
    assert robot.stops == 1


def test_it_is_repeated_until_the_robot_confirms_it(emergency: EmergencyStop, robot: Robot) -> None:
    emergency.press()
    wait_for(robot, 4)
    assert emergency.active
    robot.report(STOPPED)
    assert emergency.wait(10.0)
    sent = robot.stops
    time.sleep(4 * REPEAT_S)
    assert robot.stops == sent
    assert f"stop sent {sent} times; the robot confirmed it after" in str(emergency)


@pytest.mark.parametrize("state", [None, replace(STOPPED, stamp=time.monotonic())])
def test_neither_silence_nor_an_earlier_state_confirms_it(
    emergency: EmergencyStop, robot: Robot, state: Assembly | None
) -> None:
    robot.state = state
    emergency.press()
    wait_for(robot, 5)
    assert emergency.active
    expected = "has not reported its state yet" if state is None else "not confirmed: the robot's newest state"
    assert expected in str(emergency)


def test_a_robot_that_does_not_listen_is_told_and_gets_it_once_it_does(emergency: EmergencyStop, robot: Robot) -> None:
    robot.listens = False
    emergency.press()
    assert str(emergency).startswith("NO STOP COULD BE SENT: the robot does not listen to its stop topic; press")
    robot.listens = True
    wait_for(robot, 1)


def test_an_error_of_the_transport_does_not_end_the_repetition(robot: Robot) -> None:
    calls = []

    def broken() -> int:
        calls.append(1)
        if len(calls) < 3:
            raise OSError("no network")
        return robot.stop()

    emergency = EmergencyStop(broken, lambda: robot.state)
    emergency.press()
    assert "NO STOP COULD BE SENT: OSError: no network" in str(emergency)
    wait_for(robot, 1)
    emergency.release()


def test_pressed_again_it_begins_again(emergency: EmergencyStop, robot: Robot) -> None:
    emergency.press()
    robot.report(STOPPED)
    assert emergency.wait(10.0)
    robot.report(WELL)
    emergency.press()
    assert emergency.active and emergency.sent == 1
    wait_for(robot, 4)


def test_a_control_loop_that_hangs_does_not_delay_it() -> None:
    paper = Paper()
    bench = Bench(paper)
    with bench.driver._lock:
        begun = time.monotonic()
        sent, answer = bench.driver.emergency_stop()
        assert time.monotonic() - begun < 1.0
    assert sent and "the control loop hangs" in answer
    assert paper.sent[0] == ("stop", None)
    bench.driver.end_emergency()
    bench.close()


def test_an_error_of_the_control_loop_does_not_take_the_answer_away(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(Paper())

    def fail(reason: str) -> None:
        raise ZeroDivisionError("injected")

    monkeypatch.setattr(bench.driver.loop, "stop", fail)
    sent, answer = bench.driver.emergency_stop()
    assert sent and "the control loop could not be stopped: ZeroDivisionError: injected" in answer
    assert bench.driver.emergency.active
    bench.close()
    bench.driver.end_emergency()
    assert str(bench.driver.emergency).endswith("; its repetition was ended")


def test_enabling_under_way_does_not_undo_it() -> None:
    paper = Paper()
    bench = Bench(paper)
    bench.rig.assembly = replace(WELL, enabled=False)
    bench.until(lambda: "disabled" in str(bench.driver.loop.senses.assembly))
    bench.driver.ask(Request.ENABLE)
    bench.until(lambda: ("ask", Request.ENABLE) in paper.sent)
    bench.driver.emergency_stop()
    after = len(paper.sent)
    time.sleep(0.2)
    assert {kind for kind, _ in paper.sent[after:]} <= {"stop"}
    with pytest.raises(HelmsError, match="enable: not while an emergency stop is repeated"):
        bench.driver.ask(Request.ENABLE)
    bench.driver.end_emergency()
    bench.driver.ask(Request.ENABLE)
    bench.close()
