"""States of the driver in which somebody calls the emergency stop, over real links to an emulated Sawyer.

Run alone, `python -m test.support.emergency`, it prints the table of docs/safety.md: state, time from the call to the
stop message at a subscriber, and the answer.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helms_control.hardware.ros1.node import Node
from helms_control.hardware.sawyer.connect import RobotSetup, connect
from helms_control.hardware.sawyer.enabling import Request
from helms_sim.emulation.debian_ros1 import Rosmaster
from helms_sim.emulation.faults import Fault
from helms_sim.emulation.sawyer import EmulatedSawyer, SawyerConfig
from test.control.hardware.sawyer.test_live import HOST, Bench

STOP = "/robot/set_super_stop"
PATIENCE_S = 20.0


class Ear:
    """A ROS 1 node that notes when stop messages arrive."""

    def __init__(self, master: str) -> None:
        """Subscribe."""
        self.heard: list[float] = []
        self._node = Node("/ear", master, HOST)
        self._node.subscribe(STOP, "std_msgs/Empty", lambda _: self.heard.append(time.monotonic()))

    def close(self) -> None:
        """End."""
        self._node.close()


@dataclass
class Result:
    """One call of the emergency stop.

    Attributes:
        ms: from the call to the arrival of the first stop, ms.
        sent: whether the driver says that it sent one.
        answer: of the service.
        stopped: whether the robot stopped itself.
    """

    ms: float
    sent: bool
    answer: str
    stopped: bool


def _broken(bench: Bench) -> None:
    def fail(now: float) -> None:
        raise ZeroDivisionError("injected")

    bench.move()
    bench.driver.loop.cycle = fail  # type: ignore[assignment, method-assign]
    bench.until(lambda: bench.driver.broken)


def _unheard(bench: Bench) -> None:
    bench.driver.loop.senses.assembly = None


def _stale(bench: Bench) -> None:
    """The driver saw a stop; then the state's topic fell silent, and somebody else enabled the robot."""
    bench.driver.emergency_stop()
    bench.until(lambda: not bench.driver.emergency.active)
    bench.robot.inject(Fault.MUTE)
    time.sleep(0.1)
    peer = Node("/peer", bench.master, HOST)
    reset, enable = (
        peer.publish(f"/robot/set_super_{name}", f"std_msgs/{kind}")
        for name, kind in (("reset", "Empty"), ("enable", "Bool"))
    )
    bench.until(lambda: reset.connections and enable.connections)
    reset.send(reset.type.new())
    enable.send(enable.type.new(data=True))
    bench.until(lambda: bench.robot.look().power["enabled"])
    peer.close()
    assert bench.driver.loop.senses.assembly is not None and bench.driver.loop.senses.assembly.stopped


def _enabling(bench: Bench) -> None:
    bench.robot.inject(Fault.BUTTON)
    bench.robot.clear(Fault.BUTTON)
    bench.until(lambda: bench.driver.loop.senses.assembly and bench.driver.loop.senses.assembly.stopped)
    bench.driver.ask(Request.ENABLE)


STATES: dict[str, tuple[Callable[[Bench], None], bool, tuple[Fault, ...]]] = {
    "disarmed": (lambda bench: None, False, ()),
    "armed, in motion": (Bench.move, False, ()),
    "broken by an error in its control loop": (_broken, False, ()),
    "no /robot/state heard yet": (_unheard, False, (Fault.MUTE,)),
    "believes a stale stop": (_stale, False, ()),
    "enabling the robot": (_enabling, False, ()),
    "dry run": (lambda bench: None, True, ()),
}
"""Preparation, whether it is a dry run, and faults of the robot from the start."""


def call(name: str, folder: Path) -> Result:
    """Bring a driver into a state and call its emergency stop."""
    prepare, dry_run, faults = STATES[name]
    with Rosmaster(folder) as master:
        bench = Bench(master, dry_run=dry_run)
        ear = Ear(master.uri)
        try:
            if not dry_run:
                bench.prepare()
            for fault in faults:
                bench.robot.inject(fault)
            bench.until(lambda: bench.connection.link.stop_receivers >= 2)
            prepare(bench)
            ear.heard.clear()
            began = time.monotonic()
            sent, answer = bench.driver.emergency_stop()
            bench.until(lambda: ear.heard)
            bench.until(lambda: bench.robot.look().power["stopped"])
            return Result(1e3 * (ear.heard[0] - began), sent, answer, True)
        finally:
            ear.close()
            bench.close()


def call_unheard(folder: Path) -> tuple[Result, Result]:
    """Call the stop where no robot subscribes, then let one come; return both answers."""
    with Rosmaster(folder) as master:
        connection = connect(RobotSetup(robot=master.uri, host=HOST))
        try:
            sent, answer = connection.driver.emergency_stop()
            nobody = Result(float("nan"), sent, answer, False)
            began, end = time.monotonic(), time.monotonic() + PATIENCE_S
            with EmulatedSawyer(SawyerConfig(master.uri, HOST)) as robot:
                while connection.driver.emergency.active and time.monotonic() < end:
                    time.sleep(0.01)
                late = str(connection.driver.emergency)
                stopped = bool(robot.look().power["stopped"])
            return nobody, Result(1e3 * (time.monotonic() - began), connection.driver.emergency.sent > 0, late, stopped)
        finally:
            connection.close()


def main() -> None:
    """Print the table."""
    print("| state of the driver | stop at the robot after, ms | answer |\n|---|---|---|")
    for name in STATES:
        with tempfile.TemporaryDirectory() as folder:
            result = call(name, Path(folder))
        print(f"| {name} | {result.ms:.1f} | {result.sent}: {result.answer} |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, result in zip(("no robot listens", "a robot comes later"), call_unheard(Path(folder)), strict=True):
            print(f"| {name} | {result.ms:.1f} | {result.sent}: {result.answer} |")


if __name__ == "__main__":
    main()
