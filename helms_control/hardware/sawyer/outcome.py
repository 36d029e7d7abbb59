"""What the driver's loop gives back: what the arm was told, what is observed, and what is to be sent."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.hardware.sawyer.enabling import Request
from helms_control.hardware.sawyer.observation import Vector

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """What the arm was told in one control step.

    Attributes:
        episode: number of the episode.
        step: of the observation that was answered.
        velocity: (5,) mean of what was sent: m/s, m/s, m/s (base axes), rad/s, tics/s.
        held: why it was told to stand still; empty where an action was carried out.
        slowed: limits that reduced the motion.
    """

    episode: int
    step: int
    velocity: Array
    held: str
    slowed: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Instant:
    """An observation.

    Attributes:
        episode: number of the episode.
        step: control steps since its beginning.
        own: (3, 43) proprioception, newest first.
        seen: (3, 42) objects, newest first.
        last: whether the episode is over.
        reason: why it is over; empty before.
    """

    episode: int
    step: int
    own: Vector
    seen: Vector
    last: bool
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """What one cycle asks the transport to send.

    Attributes:
        velocity: (7,) joint velocity command, rad/s; None for no command.
        fingers: finger speed, tics/s; None where nothing may move the fingers.
        leave: (7,) angles to hold in position mode, rad, when the velocity mode is left; None otherwise.
        request: what to ask the robot's power for; None for nothing.
    """

    velocity: Array | None = None
    fingers: float | None = None
    leave: Array | None = None
    request: Request | None = None
