"""Command topics of the emulated Sawyer."""

import math
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from helms_control.hardware.ros1.node import Node
from helms_sim.emulation.arm import EmulatedArm
from helms_sim.emulation.controller import JointCommand
from helms_sim.emulation.faults import Fault, Faults
from helms_sim.emulation.intera import JOINT_STATES_HZ, LIMB, ROBOT

Act = Callable[[Any], None]


class Orders:
    """Subscriber of the command topics; while the robot is stalled, the newest message of each waits.

    Attributes:
        joint_states_hz: requested rate of joint states.
        heard: number of processed messages by topic.
    """

    def __init__(self, arm: EmulatedArm, faults: Faults, lock: threading.Lock, clock: Callable[[], float]) -> None:
        """Execute commands on an arm, under a lock, at a clock's time (s)."""
        self.joint_states_hz = JOINT_STATES_HZ
        self.heard: Counter[str] = Counter()
        self._arm, self._faults, self._lock, self._clock = arm, faults, lock, clock
        self._waiting: dict[str, tuple[Act, Any]] = {}

    def listen(self, node: Node) -> None:
        """Subscribe to everything."""
        assembly, controller = self._arm.assembly, self._arm.controller
        for topic, kind, act in (
            (f"{LIMB}/joint_command", "intera_core_msgs/JointCommand", self._move),
            (f"{LIMB}/joint_command_timeout", "std_msgs/Float64", lambda m: controller.set_timeout(m.data)),
            (f"{LIMB}/set_speed_ratio", "std_msgs/Float64", lambda m: controller.set_speed_ratio(m.data)),
            (f"{ROBOT}/joint_state_publish_rate", "std_msgs/UInt16", self._set_rate),
            (f"{ROBOT}/set_super_enable", "std_msgs/Bool", lambda m: assembly.enable(self._clock(), m.data)),
            (f"{ROBOT}/set_super_stop", "std_msgs/Empty", lambda _: assembly.stop()),
            (f"{ROBOT}/set_super_reset", "std_msgs/Empty", lambda _: assembly.reset()),
        ):
            node.subscribe(topic, kind, self._taker(topic, act))

    def resume(self) -> None:
        """Execute the waiting messages; the lock must be held."""
        waiting, self._waiting = self._waiting, {}
        for topic, (act, message) in waiting.items():
            self._obey(topic, act, message)

    def _taker(self, topic: str, act: Act) -> Act:
        def take(message: Any) -> None:  # noqa: ANN401 - any message
            with self._lock:
                if self._faults.has(Fault.STALL):
                    self._waiting[topic] = act, message
                else:
                    self._obey(topic, act, message)

        return take

    def _obey(self, topic: str, act: Act, message: Any) -> None:  # noqa: ANN401 - any message
        act(message)
        self.heard[topic] += 1

    def _move(self, message: Any) -> None:  # noqa: ANN401 - a JointCommand message
        command = JointCommand(message.mode, message.names, message.position, message.velocity)
        self._arm.command(self._clock(), command)

    def _set_rate(self, message: Any) -> None:  # noqa: ANN401 - a UInt16 message
        if message.data > 0 and math.isfinite(message.data):
            self.joint_states_hz = float(message.data)
