"""Demonstrator node: answers each observation with an action, from the cell's full state."""

from dataclasses import dataclass

import numpy as np

from helms_control.errors import HelmsError
from helms_control.nodes import qos
from helms_control.nodes.convert import doubles, follow, key_of
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.parameters import setting
from helms_msgs.msg import Action, CellState
from helms_sim.episode import EpisodeConfig
from helms_sim.mirror import Mirror
from helms_sim.rollout.actors import ACTORS, make_actor


@dataclass(frozen=True)
class DemonstratorSettings:
    """Parameters of the demonstrator."""

    driver: str = setting("expert", "Who decides.", choices=tuple(ACTORS))
    noise: float = setting(0.0, "Disturbance of the expert, a share of the action range.", 0.0, 1.0)
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")


class DemonstratorNode(ManagedNode):
    """Drives the simulated cell; the actions equal those of the same driver in the plain environment, bit for bit."""

    SETTINGS = DemonstratorSettings

    def prepare(self) -> None:
        """Advertise actions, subscribe to the cell's state."""
        self._mirror = Mirror()
        self._driver = make_actor(self.settings.driver, self._mirror, self.settings.noise)
        self._shown: tuple[int, int, EpisodeConfig] | None = None
        self._answer: Action | None = None
        self._action = self.speak(Action, "action", qos.SAID, needed=True)
        self.listen(CellState, "cell_state", self._on_state)

    def _on_state(self, state: CellState) -> None:
        if state.last:
            return
        if self._answer is None or key_of(self._answer) != key_of(state):
            try:
                self._answer = self._decide(state)
            except HelmsError as error:
                self.get_logger().error(f"no action: {error}", throttle_duration_sec=1.0)
                return
        self._action.publish(self._answer)

    def _decide(self, state: CellState) -> Action:
        config = EpisodeConfig(state.task, state.object_set, state.randomisation)
        episode = (state.episode, state.seed, config)
        if self._shown != episode:
            self._mirror.begin(config, state.seed)
            self._mirror.show(state.qpos, state.qvel, state.act, state.ctrl)
            # After a restart within an episode it plans from the current state.
            self._driver.reset(state.seed)
            self._shown = episode
        self._mirror.show(state.qpos, state.qvel, state.act, state.ctrl)
        action = doubles(self._driver.act({}))
        expert_action = doubles(self._driver.expert_action) if self.settings.noise else doubles(np.zeros(0))
        return follow(Action(), state, action=action, expert_action=expert_action)
