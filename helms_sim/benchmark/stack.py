"""A driver node with everything around it on this machine: ROS 1 master, emulated Sawyer and graph, four processes."""

import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np

from helms_control.errors import HelmsError
from helms_control.graph import NodeSpec
from helms_control.graph.leftovers import clean_shared_memory
from helms_control.graph.processes import ProcessGraph
from helms_sim.benchmark.wire import Wire
from helms_sim.emulation.debian_ros1 import Rosmaster
from helms_sim.emulation.faults import Fault
from helms_sim.emulation.remote import ask
from helms_sim.nodes.driver_peer import NAME, Answer, DriverPeer

HOST = "127.0.0.1"
DRIVER = "sawyer_driver"
PATIENCE_S = 30.0
SILENT_S = 0.15
"""A driver that has sent nothing for so long sends nothing, s."""
MOVING = 5
"""Newest commands that must all move before the arm counts as moving."""


class DriverStack:
    """Everything runs from the beginning; also a context manager, which ends it.

    Driver, robot and master are processes of their own, as on the real machines; this one plays the rest of the graph
    and listens on the wire.

    Attributes:
        master: the ROS 1 master.
        graph: the process of the driver's node.
        peer: the rest of the graph.
        wire: the driver's joint commands.
    """

    def __init__(self, domain_id: int) -> None:
        """Start everything; the robot is enabled and nothing moves.

        Raises:
            HelmsError: ROS 1 is not installed, or something does not start.
        """
        os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
        self._domain = domain_id
        self._robot: subprocess.Popen[bytes] | None = None
        self._begin()

    def __enter__(self) -> "DriverStack":
        """Return it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything."""
        self.close()

    def close(self) -> None:
        """End every process."""
        self._ends.close()

    def renew(self) -> None:
        """End everything and start it anew."""
        self.close()
        self._begin()

    def inject(self, fault: Fault) -> float:
        """Let something go wrong with the robot; return the time (s) just before."""
        began = time.monotonic()
        ask(self.wire.node, "inject", fault=str(fault))
        return began

    def clear(self, fault: Fault) -> None:
        """Take a fault of the robot away."""
        ask(self.wire.node, "clear", fault=str(fault))

    def kill_robot(self) -> None:
        """Switch the robot off, if it is on."""
        if self._robot is not None:
            self._robot.kill()
            self._robot.wait()

    def start_robot(self, firmware: str = "5.3") -> None:
        """Start a robot, and wait until it can be asked for something.

        Raises:
            HelmsError: it does not start.
        """
        command = [sys.executable, "-c", "from helms_control.cli import main; main()", "emulate", "sawyer"]
        command += ["--master", self.master.uri, "--host", HOST, "--firmware", firmware]
        path = Path(self._folder.name) / "robot.log"
        with path.open("wb") as log:
            # It is killed, and leaves its temporary files behind: in the folder that is removed in the end.
            place = os.environ | {"TMPDIR": self._folder.name}
            robot = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=place)
        self._robot = robot
        self._until(lambda: "firmware" in path.read_text() or robot.poll() is not None, "the robot does not start")
        lines = [line.split() for line in path.read_text().splitlines()]
        ports = [words[1] for words in lines if words[:1] == ["gripper"]]
        if not ports:
            raise HelmsError(f"the emulated robot ended: {path.read_text()[-500:]}")
        # The port of another robot is another one; the driver was told of the first.
        link = Path(self._folder.name) / "port"
        link.unlink(missing_ok=True)
        link.symlink_to(ports[0])

    def move(self, answer: Answer) -> None:
        """As `begin`, and wait until the arm moves.

        Raises:
            HelmsError: as there; or it does not move.
        """
        self.begin(answer)
        self._until(self.moving, "the arm does not move")

    def begin(self, answer: Answer) -> int:
        """Bring everything in order, arm, and begin an episode from the robot's first pose.

        Args:
            answer: gives the action for each step.

        Returns:
            The episode's number.

        Raises:
            HelmsError: the robot cannot be armed.
        """
        self.peer.answer, self.peer.beating = answer, True
        self.peer.call("disarm")
        # The last that a driver sends is to hold where the arm is, and that shall not undo the reset.
        self._until(lambda: not self._sending(), "the driver does not leave the arm")
        look = ask(self.wire.node, "reset", seed=1)
        self.peer.tracked = [np.array(pose, np.float64) for pose in look["objects"]]
        self.peer.call("activate_gripper")
        self._arm()
        reset = self.peer.call("reset")
        if not reset.success:
            raise HelmsError(reset.message)
        return int(reset.episode)

    def moving(self) -> bool:
        """Whether the newest commands ask for motion."""
        newest = self.wire.sent[-MOVING:]
        return self._sending() and len(newest) == MOVING and all(each.moves for each in newest)

    def reason(self) -> str:
        """Return why the arm was held in the newest step that the driver told of; empty where it was not."""
        newest = self.peer.commanded[-1:]
        return str(newest[0].held) if newest else ""

    def _sending(self) -> bool:
        return bool(self.wire.sent) and time.monotonic() - self.wire.sent[-1].time < SILENT_S

    def _arm(self) -> None:
        end, asked = time.monotonic() + PATIENCE_S, float("-inf")
        while not (answer := self.peer.call("arm")).success:
            if time.monotonic() > end:
                raise HelmsError(answer.message)
            # A robot that was stopped must be enabled; one that has only just come back may not listen yet.
            if "enabled" in answer.message and time.monotonic() - asked > 2.0:
                self.peer.call("enable")
                asked = time.monotonic()
            time.sleep(0.1)

    def _begin(self) -> None:
        with ExitStack() as ends:
            self._start(ends)
            self._ends = ends.pop_all()

    def _start(self, ends: ExitStack) -> None:
        """Start everything, and note how each part ends."""
        self._folder = tempfile.TemporaryDirectory(prefix="helms_driver_")
        ends.callback(self._folder.cleanup)
        self.master = Rosmaster(Path(self._folder.name))
        ends.callback(self.master.stop)
        ends.callback(self.kill_robot)
        self.start_robot()
        self.wire = Wire(self.master.uri, HOST)
        ends.callback(self.wire.close)
        # What a killed driver shared with the peer can only go once nothing refers to it.
        ends.callback(clean_shared_memory)
        ends.callback(gc.collect)
        parameters: dict[str, bool | int | float | str] = {
            "robot": self.master.uri,
            "host": HOST,
            "gripper": str(Path(self._folder.name) / "port"),
            "speed_scale": 1.0,
            "disarm_after_episode": False,
            "needs": NAME,
        }
        self.peer = DriverPeer(self._domain)
        ends.callback(self.peer.close)
        self.graph = ProcessGraph([NodeSpec(DRIVER, DRIVER, parameters)], self._domain)
        ends.callback(self.graph.close)

    def _until(self, condition: Callable[[], bool], problem: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise HelmsError(f"{problem}: {self.graph.log(DRIVER)[-500:] if hasattr(self, 'graph') else ''}")
            time.sleep(0.01)
