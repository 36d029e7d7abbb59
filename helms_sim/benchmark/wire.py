"""What a driver really sends: its joint commands, heard beside the robot on the same topic."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helms_control.hardware.ros1.node import Node
from helms_sim.emulation.controller import TIMEOUT_S, Mode
from helms_sim.emulation.intera import LIMB

QUEUE = 1000


@dataclass(frozen=True, slots=True)
class Sent:
    """One joint command.

    Attributes:
        time: of receipt, s of time.monotonic().
        velocity: rad/s of each joint; zeros in any mode but velocity.
    """

    time: float
    velocity: tuple[float, ...]

    @property
    def moves(self) -> bool:
        """Whether it asks for any motion."""
        return any(self.velocity)


class Wire:
    """Listens to joint_command and its time-out.

    Attributes:
        node: at the same master; it may be used for other things, too.
        sent: every command so far.
        timeout_s: after which a command lapses at the robot, as the driver told last, s.
    """

    def __init__(self, master_uri: str, host: str) -> None:
        """Begin to listen."""
        self.node = Node("/wire", master_uri, host)
        self.sent: list[Sent] = []
        self.timeout_s = TIMEOUT_S
        self.node.subscribe(f"{LIMB}/joint_command", "intera_core_msgs/JointCommand", self._hear, queue=QUEUE)
        self.node.subscribe(f"{LIMB}/joint_command_timeout", "std_msgs/Float64", self._hear_timeout)

    def close(self) -> None:
        """Stop listening."""
        self.node.close()

    def _hear(self, message: Any) -> None:  # noqa: ANN401 - a JointCommand message
        now = time.monotonic()
        velocity = tuple(map(float, message.velocity)) if message.mode == Mode.VELOCITY else (0.0,) * 7
        self.sent.append(Sent(now, velocity))

    def _hear_timeout(self, message: Any) -> None:  # noqa: ANN401 - a Float64 message
        self.timeout_s = float(message.data)


def stands_from(sent: Sequence[Sent], timeout_s: float) -> float | None:
    """Return from when on the commanded velocity is zero and stays so; None where none ever moved.

    A command is in force until the next one, or until it lapses.

    Args:
        sent: every command, oldest first.
        timeout_s: after which a command lapses, s.
    """
    last = next((index for index in range(len(sent) - 1, -1, -1) if sent[index].moves), None)
    if last is None:
        return None
    lapses = sent[last].time + timeout_s
    return min(lapses, sent[last + 1].time) if last + 1 < len(sent) else lapses
