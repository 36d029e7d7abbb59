"""The driver's thread with a mock robot: what is sent, in which order, and that a dry run sends nothing."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.sawyer.driver import SawyerDriver
from helms_control.hardware.sawyer.enabling import Request
from helms_control.hardware.sawyer.loop import ControlLoop
from helms_control.safety.joints import SAWYER, JointLimits
from helms_control.safety.state import Mode
from helms_control.spec import SPEC
from test.control.hardware.sawyer.rig import Rig

Array = npt.NDArray[np.float64]
PATIENCE_S = 20.0
DOWN = np.array([0.0, 0.0, -1.0, 0.0, 0.5])


class Paper:
    """Writes down what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.nobody = ""

    def deaf(self) -> str:
        return self.nobody

    def set_timeout(self, seconds: float) -> None:
        self.sent.append(("timeout", seconds))

    def move(self, velocity: Array) -> None:
        self.sent.append(("move", velocity))

    def leave(self, angles: Array) -> None:
        self.sent.append(("leave", angles))

    def ask(self, request: Request) -> None:
        self.sent.append(("ask", request))

    def stop(self) -> int:
        self.sent.append(("stop", None))
        return 1

    def kinds(self) -> list[str]:
        return list(dict.fromkeys(kind for kind, _ in self.sent))


class Fingers:
    """A gripper that writes down what it is told."""

    def __init__(self, rig: Rig) -> None:
        self.speeds: list[float] = []
        self._rig = rig

    def start(self) -> None: ...

    def activate(self, timeout_s: float) -> None: ...

    def command(self, speed: float) -> None:
        self.speeds.append(speed)

    def status(self) -> Any:  # noqa: ANN401
        return self._rig.loop.senses.gripper

    def fresh(self, now: float) -> bool:
        return True

    def close(self) -> None: ...


class Bench:
    """A driver on its own thread, and a robot that keeps talking on the real clock."""

    def __init__(self, commands: Paper | None, stop: Callable[[], int] = lambda: 1) -> None:
        self.rig = Rig()
        self.rig.now = time.monotonic()
        self.rig.loop = ControlLoop(self.rig.loop.config)
        self.fingers = Fingers(self.rig)
        self.driver = SawyerDriver(self.rig.loop, commands, commands.stop if commands else stop, self.fingers)
        self.driver.use_limits(SAWYER)
        self._quit = threading.Event()
        self._talk = threading.Thread(target=self._run, daemon=True)
        self._talk.start()
        self.driver.start()
        self.until(lambda: not self.driver.hindrances())

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.002)

    def go_down(self) -> None:
        """Arm, begin an episode and act once."""
        self.driver.arm()
        instant = self.driver.begin()
        self.driver.offer(instant.episode, instant.step, SPEC.hash, DOWN)

    def close(self) -> None:
        self.driver.close()
        self._quit.set()
        self._talk.join()

    def _run(self) -> None:
        while not self._quit.wait(0.005):
            self.rig.now = time.monotonic()
            self.rig.say()


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
def bench(paper: Paper) -> Iterator[Bench]:
    made = Bench(paper)
    yield made
    made.close()


def test_nothing_is_sent_before_arming(bench: Bench, paper: Paper) -> None:
    begun = bench.driver.counts.cycles
    bench.until(lambda: bench.driver.counts.cycles > begun + 20)
    assert paper.sent == []
    assert not any(bench.fingers.speeds)


def test_armed_it_tells_the_timeout_before_the_first_velocity(bench: Bench, paper: Paper) -> None:
    bench.go_down()
    bench.until(lambda: any(kind == "move" and value.any() for kind, value in paper.sent))
    assert paper.sent[0] == ("timeout", 0.1)
    assert paper.kinds() == ["timeout", "move"]
    bench.until(lambda: 127.5 in bench.fingers.speeds)


def test_closed_it_ends_with_zero_and_leaves_the_mode(paper: Paper) -> None:
    bench = Bench(paper)
    bench.go_down()
    bench.until(lambda: any(kind == "move" and value.any() for kind, value in paper.sent))
    bench.close()
    assert paper.sent[-1][0] == "leave"
    moves = [value for kind, value in paper.sent if kind == "move"]
    assert not moves[-1].any()
    assert bench.driver.loop.mode is Mode.DISARMED
    assert not bench.driver.loop.steps.running


def test_the_timeout_is_told_again_while_the_arm_is_armed(bench: Bench, paper: Paper) -> None:
    bench.driver.arm()
    bench.until(lambda: sum(kind == "timeout" for kind, _ in paper.sent) >= 3)


def test_a_dry_run_works_everything_out_and_sends_nothing() -> None:
    bench = Bench(None)
    bench.go_down()
    bench.until(lambda: bench.driver.counts.fastest > 0.0)
    with pytest.raises(HelmsError, match="enable: a dry run sends nothing"):
        bench.driver.ask(Request.ENABLE)
    bench.close()
    assert bench.driver.counts.sent > 0
    assert bench.fingers.speeds == []


def test_it_is_not_armed_while_nobody_listens(bench: Bench, paper: Paper) -> None:
    paper.nobody = "/robot/limb/right/joint_command"
    with pytest.raises(HelmsError, match="does not listen to /robot/limb/right/joint_command yet"):
        bench.driver.arm()
    assert paper.sent == []


def test_an_emergency_stop_stops_the_robot_itself(bench: Bench, paper: Paper) -> None:
    bench.go_down()
    assert bench.driver.emergency_stop()[0]
    assert ("stop", None) in paper.sent
    bench.until(lambda: bench.driver.loop.mode is Mode.STOPPED)
    told = bench.driver.tick()
    assert told is not None and told[1].last and "emergency stop" in told[1].reason


def test_an_error_of_the_program_ends_all_sending(bench: Bench, paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.go_down()

    def fail(now: float) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(bench.driver.loop, "cycle", fail)
    bench.until(lambda: bench.driver.broken)
    sent = len(paper.sent)
    monkeypatch.undo()
    begun = bench.driver.counts.cycles
    bench.until(lambda: bench.driver.counts.cycles > begun + 10)
    assert len(paper.sent) == sent
    assert "the driver is broken: ZeroDivisionError: boom" in bench.driver.hindrances()


def test_limits_that_cannot_be_taken_forbid_arming(bench: Bench) -> None:
    limits = JointLimits(SAWYER.upper - 0.001, SAWYER.upper, SAWYER.velocity, SAWYER.acceleration)
    bench.driver.use_limits(limits)
    bench.until(lambda: bench.driver.unfit)
    with pytest.raises(HelmsError, match="joint limits cannot be taken: joint_margin"):
        bench.driver.arm()
