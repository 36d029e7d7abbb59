"""Kinds of findings and their reactions; docs/safety.md has the same table with thresholds."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType


class Reaction(Enum):
    """Reactions of the layer, mildest first."""

    SLOW = "slow"
    """The velocity is reduced and the motion goes on."""
    HOLD = "hold"
    """The arm brakes and stands while the cause lasts."""
    STOP = "stop"
    """The arm brakes and stands until it is armed again."""
    CUT = "cut"
    """As STOP, and the command is zero at once: the robot has stopped itself."""
    SILENCE = "silence"
    """As CUT, and publishing ends after that zero."""

    @property
    def latching(self) -> bool:
        """Whether only `arm` ends it."""
        return self in (Reaction.STOP, Reaction.CUT, Reaction.SILENCE)


class Kind(StrEnum):
    """Kinds of findings."""

    JOINT_SPEED = "joint_speed"
    JOINT_ACCELERATION = "joint_acceleration"
    JOINT_POSITION = "joint_position"
    TCP_SPEED = "tcp_speed"
    WORKSPACE = "workspace"
    SINGULARITY = "singularity"
    BAD_COMMAND = "bad_command"
    STALE_ACTION = "stale_action"
    STALE_OBJECTS = "stale_objects"
    LATE_CYCLE = "late_cycle"
    FORCE = "force"
    COLLISION = "collision"
    BAD_STATE = "bad_state"
    CLOCK = "clock"
    ESTOP = "estop"
    ROBOT_ERROR = "robot_error"
    ROBOT_DISABLED = "robot_disabled"
    STALE_STATE = "stale_state"


REACTIONS = MappingProxyType(
    {
        Kind.JOINT_SPEED: Reaction.SLOW,
        Kind.JOINT_ACCELERATION: Reaction.SLOW,
        Kind.JOINT_POSITION: Reaction.SLOW,
        Kind.TCP_SPEED: Reaction.SLOW,
        Kind.WORKSPACE: Reaction.SLOW,
        Kind.SINGULARITY: Reaction.SLOW,
        Kind.BAD_COMMAND: Reaction.HOLD,
        Kind.STALE_ACTION: Reaction.HOLD,
        Kind.STALE_OBJECTS: Reaction.HOLD,
        Kind.LATE_CYCLE: Reaction.HOLD,
        Kind.FORCE: Reaction.STOP,
        Kind.COLLISION: Reaction.STOP,
        Kind.BAD_STATE: Reaction.STOP,
        Kind.CLOCK: Reaction.STOP,
        Kind.ESTOP: Reaction.CUT,
        Kind.ROBOT_ERROR: Reaction.CUT,
        Kind.ROBOT_DISABLED: Reaction.CUT,
        Kind.STALE_STATE: Reaction.SILENCE,
    }
)
"""Reaction to each kind."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One violated limit or reported fault.

    Attributes:
        kind: its kind.
        detail: actual and allowed value, as text.
    """

    kind: Kind
    detail: str

    @property
    def reaction(self) -> Reaction:
        """Reaction to its kind."""
        return REACTIONS[self.kind]

    def __str__(self) -> str:
        """Return kind and detail."""
        return f"{self.kind}: {self.detail}"
