"""Episodes on an emulated Sawyer through the whole chain: observation, policy, action, driver, TCPROS, robot."""

import gc
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from helms_control.errors import HelmsError
from helms_control.graph import GraphSettings, describe
from helms_control.graph.description import LEVELS
from helms_control.graph.leftovers import clean_shared_memory
from helms_control.graph.processes import ProcessGraph
from helms_control.spec import COLOURS, CONTROL_HZ, EPISODE_STEPS
from helms_sim.emulation.controller import Mode
from helms_sim.emulation.debian_ros1 import Rosmaster
from helms_sim.emulation.sawyer import EmulatedSawyer, SawyerConfig
from helms_sim.emulation.watch import Watch
from helms_sim.expert.demonstrator import Demonstrator
from helms_sim.nodes.driver_peer import DriverPeer

HOST, DRIVER = "127.0.0.1", "sawyer_driver"
EXPERT = "expert"
PATIENCE_S = 30.0
EPISODE_S = EPISODE_STEPS / CONTROL_HZ + 10.0
"""Longest wait for the end of an episode, s."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """How an episode on the robot ended.

    Attributes:
        seed: of its start.
        success: at its end, as the plain environment judges it.
        stage: of the task, at its end.
        ended: why it ended.
        held: steps in which the arm was told to stand, by reason.
        received: joint commands that the robot carried out in it.
        refused: those that it did not.
        timeouts: how often a velocity lapsed.
    """

    seed: int
    success: bool
    stage: int
    ended: str
    held: dict[str, int]
    received: int
    refused: int
    timeouts: int


class StackingRig:
    """Driver and levels of the policy are processes of their own; also a context manager, which ends everything.

    The demonstrator looks at the emulated cell itself, so it runs here, beside the robot; it answers the driver's
    observations as a policy does.

    Attributes:
        robot: the emulated robot.
        peer: the rest of the graph.
        graph: driver and policy.
    """

    def __init__(self, folder: Path, domain_id: int, policy: str = EXPERT, object_set: int = 4) -> None:
        """Start everything; nothing moves.

        Args:
            folder: for logs.
            domain_id: of the graph.
            policy: `EXPERT`, or the folder of a bundle.
            object_set: that lies in front of the robot.

        Raises:
            HelmsError: ROS 1 is not installed, or something does not start.
        """
        with ExitStack() as ends:
            self._start(ends, folder, domain_id, policy, object_set)
            self._ends = ends.pop_all()

    def _start(self, ends: ExitStack, folder: Path, domain_id: int, policy: str, object_set: int) -> None:
        master = ends.enter_context(Rosmaster(folder))
        self.robot = ends.enter_context(EmulatedSawyer(SawyerConfig(master.uri, HOST, object_set=object_set)))
        poses = ";".join(f"{colour}_pose=/objects/{colour}" for colour in COLOURS)
        settings = GraphSettings(
            policy="joy" if policy == EXPERT else policy,
            robot=master.uri,
            gripper=str(self.robot.gripper_port),
            object_set=str(object_set),
            speed_scale=1.0,
            driver_parameters=f"host={HOST};tracker=ros1;{poses};needs=",
        )
        specs = [spec for spec in describe(settings) if spec.name in (DRIVER, *LEVELS.values())]
        # What processes share can only go once nothing here refers to it.
        ends.callback(clean_shared_memory)
        ends.callback(gc.collect)
        self.peer = DriverPeer(domain_id)
        ends.callback(self.peer.close)
        self.graph = ends.enter_context(ProcessGraph(specs, domain_id))
        self._expert: Demonstrator | None = None
        if policy == EXPERT:
            self._watch = Watch(self.robot)
            self._expert = Demonstrator(self._watch)

    def __enter__(self) -> "StackingRig":
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

    def run(self, seed: int) -> Stacked:
        """Run one episode from the start that `StackEnv.reset(seed=seed)` draws.

        Raises:
            HelmsError: the robot cannot be armed, or the episode does not end.
        """
        peer, robot = self.peer, self.robot
        peer.answer = lambda _: None
        peer.call("disarm")
        self._until(lambda: robot.look().mode is Mode.POSITION, "the driver does not leave the arm")
        robot.reset(seed)
        if self._expert is not None:
            self._watch.refresh()
            self._expert.reset(seed)
            peer.answer = self._act
        self._arm()
        before = robot.look()
        reset = peer.call("reset")
        if not reset.success:
            raise HelmsError(f"no episode: {reset.message}")

        def over() -> bool:
            newest = peer.observed[-1] if peer.observed else None
            return newest is not None and newest.episode == reset.episode and newest.last

        self._until(over, f"the episode of seed {seed} does not end", EPISODE_S)
        look = robot.look()
        told = [each for each in list(peer.commanded) if each.episode == reset.episode]
        return Stacked(
            seed,
            look.success,
            look.stage,
            peer.ended,
            dict(Counter(str(each.held) for each in told if each.held)),
            look.received - before.received,
            look.refused - before.refused,
            look.timeouts - before.timeouts,
        )

    def _act(self, _: int) -> "np.typing.NDArray[np.float64]":
        assert self._expert is not None  # for the type checker: only set where there is one
        self._watch.refresh()
        return self._expert.act()

    def _arm(self) -> None:
        end, activated = time.monotonic() + PATIENCE_S, False
        while not (answer := self.peer.call("arm")).success:
            if time.monotonic() > end:
                raise HelmsError(answer.message)
            if not activated and "gripper" in answer.message:
                activated = bool(self.peer.call("activate_gripper").success)
            time.sleep(0.1)

    def _until(self, condition: Callable[[], bool], problem: str, seconds: float = PATIENCE_S) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise HelmsError(f"{problem}: {self.graph.log(DRIVER)[-500:]}")
            time.sleep(0.005)
