"""From an action to the permitted joint velocity: controller, stream and safety layer, per cycle."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.control.cartesian import CartesianController
from helms_control.control.kinematics import Pose
from helms_control.hardware.interpolate import VelocityStream
from helms_control.hardware.sawyer.ready import ReadyMove
from helms_control.safety.findings import Finding, Reaction
from helms_control.safety.inputs import RobotState, Wanted
from helms_control.safety.layer import SafetyLayer, Verdict
from helms_control.safety.limits import SafetyLimits
from helms_control.safety.state import Mode

Array = npt.NDArray[np.float64]

NO_ACTION = "no action yet"
ON_THE_WAY = "on the way to the ready pose"


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """Result of one cycle.

    Attributes:
        velocity: (7,) rad/s, permitted by the safety layer.
        publish: whether it may be sent.
        fingers: finger speed, tics/s, positive closes.
        mode: of the safety layer.
        findings: all findings.
        held: why the arm was held; empty where an action was executed.
    """

    velocity: Array
    publish: bool
    fingers: float
    mode: Mode
    findings: tuple[Finding, ...]
    held: str


class Commander:
    """Holds the newest action until the next, and passes its velocity through the safety layer in each cycle.

    Attributes:
        layer: the safety layer.
        stream: velocities between two actions.
    """

    def __init__(self, limits: SafetyLimits, controller: CartesianController | None = None) -> None:
        """Start at rest, without an action."""
        self.layer = SafetyLayer(limits)
        self.stream = VelocityStream(limits.acceleration_share * limits.joints.acceleration, controller)
        self._held, self._stamp, self._fingers = NO_ACTION, 0.0, 0.0
        self._move: ReadyMove | None = None
        self._last: float | None = None

    @property
    def moving_ready(self) -> bool:
        """Whether the arm moves to the ready pose."""
        return self._move is not None

    def act(self, action: Array, pose: Pose, joints: Array, stamp: float) -> None:
        """Execute an action (5,), received at `stamp`, s, with the arm at `pose`."""
        pinch = (float(pose.pinch[0]), float(pose.pinch[1]), float(pose.pinch[2]))
        self._fingers = self.stream.take(action, pose.rotation, pinch, joints, pose.jacobian)
        self._held, self._stamp = "", stamp

    def hold(self, reason: str) -> None:
        """Brake, and stand until the next action."""
        self.stream.reset()
        self._held, self._fingers, self._move = reason, 0.0, None

    def go_ready(self, move: ReadyMove) -> None:
        """Move to the ready pose, until `hold`."""
        self.hold(ON_THE_WAY)
        self._move = move

    def cycle(self, now: float, state: RobotState | None, pose: Pose | None) -> Sent:
        """Compute the command of this cycle.

        Args:
            now: time, s.
            state: newest robot state; None before the first.
            pose: at its joint angles; None where they are invalid.
        """
        dt = 0.0 if self._last is None else now - self._last
        self._last = now
        verdict = self.layer.step(now, self._wanted(now, dt, state, pose), state)
        if verdict.mode is not Mode.ARMED:
            self.stream.reset()
            self._held, self._fingers, self._move = NO_ACTION, 0.0, None
        held = self._why(verdict)
        return Sent(
            verdict.velocity,
            verdict.publish,
            0.0 if verdict.holding or held else self._fingers,
            verdict.mode,
            verdict.findings,
            held,
        )

    def _wanted(self, now: float, dt: float, state: RobotState | None, pose: Pose | None) -> Wanted:
        flow = self.stream.step(dt)
        if self._move is not None and state is not None and pose is not None:
            velocity, arrived = self._move.velocity(pose, state.joints)
            self._move = None if arrived else self._move
            return Wanted(velocity, now)
        # A request to hold comes from this side, so it is never stale.
        return Wanted(flow, now if self._held else self._stamp)

    def _why(self, verdict: Verdict) -> str:
        if verdict.mode is not Mode.ARMED:
            return f"{verdict.mode.value}: {'; '.join(self.layer.reasons) or 'by hand'}"
        return self._held or "; ".join(str(item) for item in verdict.findings if item.reaction is not Reaction.SLOW)


class Told:
    """The command during one control step, in the units of an action.

    Attributes:
        held: newest reason why the arm was held; empty if it was not since the action was accepted.
        slowed: kinds of limits that reduced the motion.
    """

    def __init__(self) -> None:
        """Begin a step."""
        self.held = ""
        self.slowed: set[str] = set()
        self._sum, self._cycles = np.zeros(5), 0

    def add(self, sent: Sent, pose: Pose | None) -> None:
        """Count a cycle."""
        self._cycles += 1
        if sent.held:
            self.held = sent.held
        self.slowed |= {str(item.kind) for item in sent.findings if item.reaction is Reaction.SLOW}
        if sent.publish and pose is not None:
            twist = pose.jacobian @ sent.velocity
            self._sum += (*twist[:3], twist[5], sent.fingers)

    @property
    def velocity(self) -> Array:
        """(5,) mean over the step: m/s, m/s, m/s (base axes), rad/s (about base z), tics/s."""
        result: Array = self._sum / max(self._cycles, 1)
        return result
