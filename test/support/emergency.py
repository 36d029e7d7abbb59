"""States of the driver in which somebody calls the service emergency_stop, over real links to an emulated Sawyer.

Run alone, `python -m test.support.emergency`, it prints the table of docs/safety.md: state, time from the call of the
service to the stop message at a subscriber of the robot's stop topic, and the answer.
"""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node as Ros2Node
from rclpy.parameter import Parameter
from std_srvs.srv import SetBool

from helms_control.hardware.ros1.node import Node
from helms_control.hardware.sawyer.enabling import Request
from helms_control.nodes.run import SPIN_S, make_executor
from helms_control.nodes.sawyer_driver import SawyerDriverNode
from helms_control.spec import COLOURS
from helms_sim.emulation.debian_ros1 import Rosmaster
from helms_sim.emulation.faults import Fault
from helms_sim.emulation.sawyer import EmulatedSawyer, SawyerConfig
from test.control.hardware.sawyer.test_live import HOST, Bench

STOP = "/robot/set_super_stop"
PATIENCE_S = 20.0
REPEATS = 5


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


class Caller:
    """A client of the service, in a ROS context of its own."""

    def __init__(self, domain: int) -> None:
        """Wait for the service."""
        self._context = Context()
        rclpy.init(args=[], context=self._context, domain_id=domain)
        self._node = Ros2Node("caller", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._client: Any = self._node.create_client(SetBool, "emergency_stop")
        assert self._client.wait_for_service(PATIENCE_S)

    def call(self) -> tuple[float, bool, str]:
        """Call it; return the instant of the call, s, and the answer."""
        began = time.monotonic()
        answer = self._client.call_async(SetBool.Request(data=True))
        self._executor.spin_until_future_complete(answer, PATIENCE_S)
        assert answer.done(), "the service gave no answer"
        return began, answer.result().success, answer.result().message

    def close(self) -> None:
        """End."""
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)


class NodeBench(Bench):
    """The driver's node, configured and spun by a thread, with or without an emulated robot.

    It is not active, so that `drive` counts the steps; it has no gripper, which is of no consequence here.
    """

    def __init__(self, master: Rosmaster, domain: int, dry_run: bool = False, robot: bool = True) -> None:
        """Start the robot, then the node."""
        self.master, self.hang = master.uri, threading.Event()
        self._made = EmulatedSawyer(SawyerConfig(master.uri, HOST)) if robot else None
        parameters: dict[str, Any] = {"robot": master.uri, "host": HOST, "tracker": "ros1", "dry_run": dry_run}
        parameters |= {f"{colour}_pose": f"/objects/{colour}" for colour in COLOURS}
        if self._made is not None:
            self.robot = self._made
        self._context, self._quit = Context(), threading.Event()
        rclpy.init(args=[], context=self._context, domain_id=domain)
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        self.node = SawyerDriverNode("sawyer_driver", self._context, overrides)
        self.node.trigger_configure()
        assert not self.node.failure, self.node.failure
        self.connection, self.driver = self.node.connection, self.node.driver
        self._executor = make_executor(self._context)
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._spin)
        self._thread.start()

    def move(self) -> None:
        """As its base; again where a busy machine delayed messages and the driver stopped."""
        for _ in range(REPEATS - 1):
            try:
                return super().move()
            except AssertionError:
                self.driver.disarm()
                self.prepare()
        return super().move()

    def close(self) -> None:
        """End the node, then the robot."""
        self.hang.set()
        self._quit.set()
        self._thread.join()
        self.node.trigger_shutdown()
        self._executor.remove_node(self.node)
        self.node.destroy_node()
        self._executor.shutdown()
        del self._executor, self.node
        rclpy.shutdown(context=self._context)
        if self._made is not None:
            self._made.close()

    def _spin(self) -> None:
        while not self._quit.is_set():
            self._executor.spin_once(timeout_sec=SPIN_S)


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


def _broken(bench: NodeBench) -> None:
    def fail(now: float) -> None:
        raise ZeroDivisionError("injected")

    bench.move()
    bench.driver.loop.cycle = fail  # type: ignore[assignment, method-assign]
    bench.until(lambda: bench.driver.broken)


def _hanging(bench: NodeBench) -> None:
    """The control loop hangs and holds its lock, for which the node's thread then waits."""
    hangs = threading.Event()

    def hang(now: float) -> None:
        hangs.set()
        bench.hang.wait()

    bench.move()
    bench.driver.loop.cycle = hang  # type: ignore[assignment, method-assign]
    assert hangs.wait(PATIENCE_S)
    bench.node.trigger_activate()
    time.sleep(0.2)


def _unheard(bench: NodeBench) -> None:
    # A last message may still be on its way.
    time.sleep(0.1)
    bench.driver.loop.senses.assembly = None


def _stale(bench: NodeBench) -> None:
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
    bench.until(lambda: not bench.robot.look().power["stopped"])
    enable.send(enable.type.new(data=True))
    bench.until(lambda: bench.robot.look().power["enabled"])
    peer.close()
    assert bench.driver.loop.senses.assembly is not None and bench.driver.loop.senses.assembly.stopped


def _enabling(bench: NodeBench) -> None:
    bench.robot.inject(Fault.BUTTON)
    bench.robot.clear(Fault.BUTTON)
    bench.until(lambda: bench.driver.loop.senses.assembly and bench.driver.loop.senses.assembly.stopped)
    bench.driver.ask(Request.ENABLE)


STATES: dict[str, tuple[Callable[[NodeBench], None], bool, tuple[Fault, ...]]] = {
    "disarmed": (lambda bench: None, False, ()),
    "armed, in motion": (NodeBench.move, False, ()),
    "broken by an error in its control loop": (_broken, False, ()),
    "control loop hangs, and the node with it": (_hanging, False, ()),
    "`/robot/state` not received yet": (_unheard, False, (Fault.MUTE,)),
    'the newest state, "stopped", is stale': (_stale, False, ()),
    "enabling the robot": (_enabling, False, ()),
    "dry run": (lambda bench: None, True, ()),
}
"""Preparation, whether it is a dry run, and faults of the robot from the start."""


def call(name: str, folder: Path, domain: int) -> Result:
    """Bring a driver into a state and call its emergency stop."""
    prepare, dry_run, faults = STATES[name]
    with Rosmaster(folder) as master:
        bench = NodeBench(master, domain, dry_run)
        ear, caller = Ear(master.uri), Caller(domain)
        try:
            if not dry_run:
                bench.prepare()
            for fault in faults:
                bench.robot.inject(fault)
            bench.until(lambda: bench.connection.link.stop_receivers >= 2)
            prepare(bench)
            ear.heard.clear()
            began, sent, answer = caller.call()
            bench.until(lambda: ear.heard)
            bench.until(lambda: bench.robot.look().power["stopped"])
            return Result(1e3 * (ear.heard[0] - began), sent, answer, True)
        finally:
            caller.close()
            ear.close()
            bench.close()


def call_unheard(folder: Path, domain: int) -> tuple[Result, Result]:
    """Call the stop where no robot subscribes, then let one come; return both answers."""
    with Rosmaster(folder) as master:
        bench, caller = NodeBench(master, domain, robot=False), Caller(domain)
        try:
            _, sent, answer = caller.call()
            nobody = Result(float("nan"), sent, answer, False)
            emergency = bench.driver.emergency
            began, end = time.monotonic(), time.monotonic() + PATIENCE_S
            with EmulatedSawyer(SawyerConfig(master.uri, HOST)) as robot:
                while emergency.active and time.monotonic() < end:
                    time.sleep(0.01)
                stopped = bool(robot.look().power["stopped"])
            return nobody, Result(1e3 * (time.monotonic() - began), emergency.sent > 0, str(emergency), stopped)
        finally:
            caller.close()
            bench.close()


def main() -> None:
    """Print the table."""
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    domain = 20 + os.getpid() % 80
    print("| state of the driver | stop at the robot after, ms: median, largest | answer |\n|---|---|---|")
    for name in STATES:
        results = []
        for _ in range(REPEATS):
            with tempfile.TemporaryDirectory() as folder:
                results.append(call(name, Path(folder), domain))
        assert all(each.sent for each in results)
        times = [each.ms for each in results]
        print(f"| {name} | {statistics.median(times):.1f}, {max(times):.1f} | {results[-1].answer} |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, each in zip(
            ("no robot subscribes", "the robot comes up afterwards"), call_unheard(Path(folder), domain), strict=True
        ):
            print(f"| {name} | {each.ms:.1f} | {each.answer} |")


if __name__ == "__main__":
    main()
