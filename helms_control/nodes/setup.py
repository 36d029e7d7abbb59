"""Messages about what holds for a whole episode: task, roles, shapes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.nodes import qos
from helms_control.nodes.convert import RefusedError, doubles, header, numbers
from helms_control.nodes.managed import ManagedNode
from helms_control.spec import COLOURS
from helms_control.spec.task import roles_of
from helms_msgs.msg import Setup

Array = npt.NDArray[np.floating[Any]]


class SetupPublisher:
    """Publishes the setup of each episode; late subscribers receive that of the newest one."""

    def __init__(self, node: ManagedNode) -> None:
        """Advertise `setup`."""
        self._setup = node.speak(Setup, "setup", qos.SETUP)

    def publish(
        self, time_ns: int, episode: int, task: str, objects: Sequence[str] = (), shapes: Sequence[Array] = ()
    ) -> None:
        """Publish the setup of an episode.

        Args:
            time_ns: instant of its first observation.
            episode: its number.
            task: its name.
            objects: names of the red, green and blue object; empty where they are unknown.
            shapes: vertices (V, 3) of each, m; empty where they are unknown.
        """
        message = Setup(header=header(time_ns), episode=episode, task=task, roles=list(roles_of(task)))
        message.objects, message.corners = list(objects), [len(shape) for shape in shapes]
        message.vertices = doubles(np.concatenate([np.asarray(shape) for shape in shapes])) if shapes else []
        self._setup.publish(message)


def shapes_of(setup: Setup) -> list[npt.NDArray[np.float64]]:
    """Return the vertices (V, 3), m, of red, green and blue.

    Raises:
        RefusedError: the shapes are unknown, a wrong length, or a number that is not finite.
    """
    corners = list(setup.corners)
    if len(corners) != len(COLOURS):
        raise RefusedError(
            f"the shapes of the objects of episode {setup.episode} are unknown; tell the driver which objects they are "
            "with object_set"
        )
    vertices = numbers(setup.vertices, "vertices", 3 * sum(corners)).reshape(-1, 3)
    return np.split(vertices, np.cumsum(corners)[:-1])
