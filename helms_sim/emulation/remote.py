"""Service of the emulator for other processes: reset, faults, true state.

A request is a parameter (a dictionary) that is set before the service is called; the answer is JSON in its message.
"""

import json
import threading
import time
from dataclasses import asdict
from enum import Enum
from typing import Any

import numpy as np

from helms_control.errors import HelmsError, unknown
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.typestore import service_type
from helms_sim.emulation.faults import Fault, fault_of
from helms_sim.emulation.look import Look
from helms_sim.emulation.sawyer import EmulatedSawyer

SERVICE = "/emulator/call"
REQUEST = "/emulator/request"
TRIGGER = "std_srvs/Trigger"
NODE = "/emulator"
ACTIONS = ("look", "reset", "inject", "clear")
_LINKS_S = 2.0


class Remote:
    """Service on a node of its own, which stays when the robot's links are cut."""

    def __init__(self, robot: EmulatedSawyer) -> None:
        """Start to serve."""
        self._robot = robot
        self._node = Node(NODE, robot.config.master_uri, robot.config.host)
        self._node.serve(SERVICE, TRIGGER, self._answer)

    def close(self) -> None:
        """Stop serving."""
        self._node.close()

    def _answer(self, _request: object) -> object:
        response = service_type(TRIGGER).response
        try:
            request = self._node.parameters.get(REQUEST)
            if not isinstance(request, dict):
                raise HelmsError(f"{REQUEST} must be a dictionary, got {request!r}")
            answer = self._act(**{str(key): value for key, value in request.items()})
            return response.new(success=True, message=json.dumps(answer))
        except (HelmsError, TypeError) as error:
            return response.new(success=False, message=str(error))

    def _act(self, action: str, **arguments: Any) -> dict[str, object]:  # noqa: ANN401 - from a parameter
        robot = self._robot
        if action == "reset":
            return told(robot, robot.reset(**arguments))
        if action == "inject":
            _inject(robot, **arguments)
        elif action == "clear":
            robot.clear(fault_of(arguments["fault"]))
        elif action != "look":
            raise unknown("action", action, ACTIONS)
        return told(robot, robot.look())


def ask(node: Node, action: str, **arguments: object) -> dict[str, Any]:
    """Send a request to an emulated robot in another process.

    Args:
        node: any node at the same master.
        action: look, reset (seed, arm, task, object_set, randomisation), inject (fault, value) or clear (fault).
        arguments: of the action.

    Returns:
        The fields of `Look`, and `failure`.

    Raises:
        HelmsError: it is refused, or there is none.
    """
    node.parameters.set(REQUEST, {"action": action, **arguments})
    answer = node.call(SERVICE, TRIGGER, service_type(TRIGGER).request.new(), seconds=10.0)
    if not answer.success:
        raise HelmsError(f"the emulated robot refuses {action}: {answer.message}")
    found: dict[str, Any] = json.loads(answer.message)
    return found


def told(robot: EmulatedSawyer, look: Look) -> dict[str, object]:
    """Return a robot's true state as plain values."""
    fields = {name: _plain(value) for name, value in asdict(look).items()}
    return fields | {"still": look.still(), "failure": str(robot.failure or "")}


def _inject(robot: EmulatedSawyer, fault: str, value: float | None = None) -> None:
    """Inject a fault; cut links are restored after a while, since no request could reach the robot."""
    kind = fault_of(fault)
    if kind is not Fault.LINKS:
        robot.inject(kind, value)
        return

    def cut() -> None:
        robot.inject(Fault.LINKS)
        time.sleep(_LINKS_S)
        robot.clear(Fault.LINKS)

    threading.Thread(target=cut, name="links", daemon=True).start()


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.name.lower() if isinstance(value, Enum) else value
