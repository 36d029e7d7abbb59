"""Probe of the latency benchmark: publishes observations as the cell does and times the actions."""

import time
from dataclasses import dataclass

import numpy as np

from helms_control.benchmark import CUBE
from helms_control.nodes import qos
from helms_control.nodes.convert import Key, floats, header, key_of
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.parameters import setting
from helms_control.nodes.setup import SetupPublisher
from helms_control.spec import CONTROL_HZ, FRAMES, OBJECTS, PROPRIOCEPTION, SPEC
from helms_msgs.msg import Action, Observation


@dataclass(frozen=True)
class ProbeSettings:
    """Parameters of the probe."""

    steps: int = setting(600, "Observations to send.", 1, 100_000)
    warmup: int = setting(20, "Observations before the first that is measured.", 0, 1000)
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")


class ProbeNode(ManagedNode):
    """Publishes random observations at 20 Hz and measures the latency of each action.

    Attributes:
        latencies_s: one for each answered observation, s.
        sent: number of measured observations.
        done: whether all were sent.
    """

    SETTINGS = ProbeSettings

    def prepare(self) -> None:
        """Publish observations, subscribe to actions."""
        self._rng = np.random.default_rng(0)
        self._asked: dict[Key, float] = {}
        self._step = 0
        self.latencies_s: list[float] = []
        self.sent, self.done = 0, False
        self._setup = SetupPublisher(self)
        self._observation = self.speak(Observation, "observation", qos.SAID, needed=True)
        self.listen(Action, "action", self._on_action)
        self.every(1.0 / CONTROL_HZ, self._ask)

    def _ask(self) -> None:
        if not self.active or self.done or self.waiting_for():
            return
        if self._step == self.settings.steps + self.settings.warmup:
            self.done = True
            return
        if not self._step:
            self._setup.publish(time.time_ns(), 1, "red_on_blue", shapes=[CUBE] * 3)
        self._step += 1
        self.sent += self._step > self.settings.warmup
        own = self._rng.normal(size=FRAMES * PROPRIOCEPTION.size)
        seen = self._rng.normal(size=FRAMES * OBJECTS.size)
        observation = Observation(
            header=header(time.time_ns()),
            episode=1,
            step=self._step,
            spec_hash=SPEC.hash,
            proprioception=floats(own),
            objects=floats(seen),
        )
        self._asked[1, self._step] = time.perf_counter()
        self._observation.publish(observation)

    def _on_action(self, action: Action) -> None:
        asked = self._asked.pop(key_of(action), None)
        if asked is not None and action.step > self.settings.warmup:
            self.latencies_s.append(time.perf_counter() - asked)
