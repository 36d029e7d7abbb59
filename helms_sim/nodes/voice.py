"""Messages of the simulation node for each step."""

from typing import Any

import numpy as np
import numpy.typing as npt
from rosgraph_msgs.msg import Clock

from helms_control.nodes import qos
from helms_control.nodes.convert import doubles, fill, floats, header
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.setup import SetupPublisher
from helms_control.nodes.standard import StandardTopics
from helms_control.spec import SPEC
from helms_msgs.msg import CellState, Commanded, Observation, Progress
from helms_sim.cell.kinematics import link_poses
from helms_sim.plant import Command, Instant, Plant


class Voice:
    """The publishers of the simulation node."""

    def __init__(self, node: ManagedNode) -> None:
        """Advertise everything."""
        self._observation = node.speak(Observation, "observation", qos.SAID)
        self._progress = node.speak(Progress, "progress", qos.SAID)
        self._commanded = node.speak(Commanded, "commanded", qos.SAID)
        self._state = node.speak(CellState, "cell_state", qos.SAID)
        self._clock = node.speak(Clock, "/clock", qos.CLOCK)
        self._setup = SetupPublisher(node)
        self._standard = StandardTopics(node)
        self._command, self._whole, self._judged = Commanded(), CellState(), Progress()
        self._seen = Observation(spec_hash=SPEC.hash)

    def begin(self, now: Instant, plant: Plant, time_ns: int) -> None:
        """Publish the setup of an episode that begins.

        Args:
            now: its first instant.
            plant: in that instant.
            time_ns: simulated time.
        """
        episode = plant.env.episode
        self._setup.publish(time_ns, now.episode, plant.env.config.task, episode.names, episode.shapes)

    def tell(self, command: Command, plant: Plant, time_ns: int) -> None:
        """Publish the executed command.

        Args:
            command: of the control step that begins at `time_ns`.
            plant: with the counts of the episode.
            time_ns: simulated time.
        """
        self._commanded.publish(
            fill(
                self._command,
                header=header(time_ns),
                episode=command.episode,
                step=command.step,
                velocity=command.velocity,
                held=command.held,
                missed=plant.missed,
                refused=plant.refused,
                clipped=plant.clipped,
            )
        )

    def say(self, now: Instant, plant: Plant, time_ns: int) -> None:
        """Publish a step: the clock, then observation and state, then the rest.

        Args:
            now: the instant.
            plant: in that instant.
            time_ns: simulated time.
        """
        at = header(time_ns, "base")
        place: dict[str, Any] = {"header": at, "episode": now.episode, "step": now.step}
        own, objects = now.observation["proprioception"], now.observation["objects"]
        self._clock.publish(Clock(clock=at.stamp))
        self._observation.publish(
            fill(self._seen, **place, last=now.last, proprioception=floats(own), objects=floats(objects))
        )
        self._state.publish(_cell_state(self._whole, place, now.last, plant))
        self._progress.publish(
            fill(
                self._judged,
                **place,
                reward=now.reward,
                stage=now.stage,
                success=now.success,
                last=now.last,
                reason=now.reason,
            )
        )
        image = now.observation.get("image")
        self._standard.publish(at.stamp, own[0], objects[0], image, lambda: _links(plant))


def _cell_state(message: CellState, place: dict[str, Any], last: bool, plant: Plant) -> CellState:
    data, config = plant.env.cell.data, plant.env.config
    return fill(
        message,
        **place,
        last=last,
        seed=plant.seed,
        task=config.task,
        object_set=str(config.object_set),
        randomisation=config.randomisation,
        qpos=doubles(data.qpos),
        qvel=doubles(data.qvel),
        act=doubles(data.act),
        ctrl=doubles(data.ctrl),
    )


def _links(plant: Plant) -> dict[str, npt.NDArray[np.float64]]:
    return link_poses(plant.env.cell.model, plant.env.cell.data)
