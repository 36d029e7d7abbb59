"""Peer of a driver in tests: actions, object poses, heartbeats, service calls."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import rclpy
from geometry_msgs.msg import PoseStamped
from rclpy.context import Context
from rclpy.node import Node
from std_srvs.srv import SetBool, Trigger

from helms_control.errors import HelmsError
from helms_control.nodes import qos
from helms_control.nodes.convert import doubles
from helms_control.nodes.run import make_executor
from helms_control.nodes.standard import pose
from helms_control.spec import COLOURS, SPEC
from helms_msgs.msg import Action, Commanded, Heartbeat, Observation, Progress
from helms_msgs.srv import Reset

Array = npt.NDArray[np.float64]
Answer = Callable[[int], npt.ArrayLike | None]
"""Returns the action for a step; None for none."""

NAME = "driver_peer"
"""Of the node, for a driver that needs its heartbeat."""
TRIGGERS = ("arm", "disarm", "stop", "enable", "activate_gripper", "end_episode")
SERVICES = {"reset": Reset, "emergency_stop": SetBool} | dict.fromkeys(TRIGGERS, Trigger)
KEPT = 1000
TRACK_S, BEAT_S = 1.0 / 30.0, 0.05
CALL_S, AGAIN_S = 20.0, 2.0
"""Longest wait for an answer, and after how long a service is asked again, s."""


class DriverPeer:
    """Peer on a thread of its own; its attributes may be read at any time.

    Attributes:
        context: of its own.
        node: to look at the graph with.
        answer: what observations are answered with.
        tracked: poses (7,) of red, green and blue that are published; empty for none.
        beating: whether it publishes heartbeats.
        sent: (time, episode, step) of each action, s of time.monotonic().
        unanswered: time of each observation without an action.
        posed: time of the newest poses.
        beaten: time of the newest heartbeat.
        commanded: messages on `commanded`, newest last.
        observed: newest observations, newest last.
        ended: reason of the newest episode's end.
    """

    def __init__(self, domain_id: int) -> None:
        """Join a domain and start."""
        self.context = Context()
        rclpy.init(args=[], context=self.context, domain_id=domain_id)
        self.answer: Answer = lambda _: None
        self.tracked: Sequence[Array] = ()
        self.beating = True
        self.sent: list[tuple[float, int, int]] = []
        self.unanswered: list[float] = []
        self.commanded: list[Commanded] = []
        self.observed: deque[Observation] = deque(maxlen=KEPT)
        self.posed = self.beaten = 0.0
        self.ended = ""
        self.node = node = Node(NAME, context=self.context)
        self._actions = node.create_publisher(Action, "action", qos.SAID)
        self._beats = node.create_publisher(Heartbeat, "heartbeat", qos.BEAT)
        self._poses = [node.create_publisher(PoseStamped, f"tracker/{colour}", qos.PATH) for colour in COLOURS]
        node.create_subscription(Observation, "observation", self._observe, qos.PATH)
        node.create_subscription(Commanded, "commanded", self.commanded.append, qos.PATH)
        node.create_subscription(Progress, "progress", self._judge, qos.PATH)
        node.create_timer(TRACK_S, self._track)
        node.create_timer(BEAT_S, self._beat)
        self._clients: dict[str, Any] = {name: node.create_client(kind, name) for name, kind in SERVICES.items()}
        self._executor = make_executor(self.context)
        self._executor.add_node(node)
        self._quit = threading.Event()
        self._thread = threading.Thread(target=self._run, name=NAME, daemon=True)
        self._thread.start()

    def call(self, name: str, **fields: object) -> Any:  # noqa: ANN401 - any response
        """Call one of the driver's services; repeated if the driver is restarted meanwhile.

        Raises:
            HelmsError: no answer in time.
        """
        client, end = self._clients[name], time.monotonic() + CALL_S
        while not client.service_is_ready():
            if time.monotonic() > end:
                raise HelmsError(f"there is no service {name}; does the driver run?")
            time.sleep(0.01)
        while time.monotonic() < end:
            answer, again = client.call_async(SERVICES[name].Request(**fields)), time.monotonic() + AGAIN_S
            while time.monotonic() < again:
                if answer.done():
                    return answer.result()
                time.sleep(0.001)
        raise HelmsError(f"service {name} gave no answer within {CALL_S:g} s")

    def close(self) -> None:
        """Leave the domain."""
        self._quit.set()
        self._thread.join()
        self._executor.remove_node(self.node)
        self.node.destroy_node()
        self._executor.shutdown()
        # The participant lives as long as anything refers to one of its parts.
        del self.node, self._executor, self._actions, self._beats, self._poses, self._clients
        rclpy.shutdown(context=self.context)
        del self.context

    def _run(self) -> None:
        while not self._quit.is_set():
            self._executor.spin_once(timeout_sec=0.1)

    def _observe(self, seen: Observation) -> None:
        self.observed.append(seen)
        if seen.last:
            return
        action = self.answer(seen.step)
        if action is None:
            self.unanswered.append(time.monotonic())
            return
        message = Action(header=seen.header, episode=seen.episode, step=seen.step, spec_hash=SPEC.hash)
        message.action = doubles(np.asarray(action, np.float64))
        self.sent.append((time.monotonic(), seen.episode, seen.step))
        self._actions.publish(message)

    def _judge(self, progress: Progress) -> None:
        if progress.last:
            self.ended = progress.reason

    def _track(self) -> None:
        for publisher, numbers in zip(self._poses, self.tracked, strict=False):
            message = PoseStamped(pose=pose(numbers))
            message.header.frame_id, message.header.stamp = "base", self.node.get_clock().now().to_msg()
            publisher.publish(message)
            self.posed = time.monotonic()

    def _beat(self) -> None:
        if self.beating:
            self._beats.publish(Heartbeat(node=NAME, ready=True))
            self.beaten = time.monotonic()
