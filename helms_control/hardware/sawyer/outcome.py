"""Results of the control loop: command of a step, observation, and output of a cycle."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.hardware.sawyer.enabling import Request
from helms_control.hardware.sawyer.observation import Vector

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """The command to the arm in one control step.

    Attributes:
        episode: number of the episode.
        step: of the observation that was answered.
        velocity: (5,) mean over the step: m/s, m/s, m/s (base axes), rad/s, tics/s.
        held: why the arm was held; empty where an action was executed.
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
    """Output of one cycle, to be sent.

    Attributes:
        velocity: (7,) joint velocity command, rad/s; None for no command.
        fingers: finger speed, tics/s; None where the fingers must not move.
        leave: (7,) angles to hold in position mode, rad, when the velocity mode is left; None otherwise.
        request: power request to the robot; None for none.
    """

    velocity: Array | None = None
    fingers: float | None = None
    leave: Array | None = None
    request: Request | None = None
