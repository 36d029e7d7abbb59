"""The safety layer: requested joint velocity in, permitted joint velocity and findings out."""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.safety.bounds import Bounds, exceeded, tightest
from helms_control.safety.errors import SafetyError
from helms_control.safety.findings import Finding, Kind, Reaction
from helms_control.safety.inputs import RobotState, Wanted
from helms_control.safety.limits import SafetyLimits
from helms_control.safety.ramp import ramp, stop_time
from helms_control.safety.state import Arming, Mode
from helms_control.safety.watch import watch_command, watch_robot

Array = npt.NDArray[np.float64]

FIRST_SPEED_SCALE = 0.25
"""Initial factor on requested velocities, until `set_speed_scale`."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Result of one cycle.

    Attributes:
        velocity: (7,) joint velocity to send, rad/s.
        publish: whether a command may be sent at all.
        mode: state of the layer after this cycle.
        findings: all findings; those on the request only while armed.
    """

    velocity: Array
    publish: bool
    mode: Mode
    findings: tuple[Finding, ...]

    @property
    def holding(self) -> bool:
        """Whether the arm is braked or kept at rest, so that the fingers should stop, too."""
        return self.mode is not Mode.ARMED or any(item.reaction is not Reaction.SLOW for item in self.findings)


class SafetyLayer:
    """Computes the permitted joint velocity, once per cycle. It reads no clock and sends nothing.

    Attributes:
        limits: thresholds.
        speed_scale: factor on requested velocities, in (0, 1].
        counts: armed or braking cycles with a finding, by kind.
        sent: (7,) the last command, rad/s.
    """

    def __init__(self, limits: SafetyLimits) -> None:
        """Start disarmed, with the initial speed scale."""
        if not isinstance(limits, SafetyLimits):
            raise SafetyError(f"the safety layer needs SafetyLimits, got {limits!r}")
        self.limits = limits
        self.speed_scale = FIRST_SPEED_SCALE
        self.counts: Counter[Kind] = Counter()
        self.sent: Array = np.zeros(7)
        self._bounds = Bounds(limits)
        self._arming = Arming()
        self._last = -math.inf
        self._armed_at = math.inf
        self._period = 0.0

    @property
    def mode(self) -> Mode:
        """Present state."""
        return self._arming.mode

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the arm is not armed; empty while it is."""
        return self._arming.reasons

    def set_speed_scale(self, scale: float) -> None:
        """Set the factor on requested velocities.

        Raises:
            SafetyError: it is not in (0, 1].
        """
        if not 0.0 < scale <= 1.0:
            raise SafetyError(f"the speed scale must be in (0, 1], got {scale!r}")
        self.speed_scale = float(scale)

    def arm(self, now: float, state: RobotState | None) -> None:
        """Permit motion from now on.

        Args:
            now: time, s.
            state: newest robot state.

        Raises:
            SafetyError: the robot's state forbids it; the message lists every cause.
        """
        findings = watch_robot(self.limits, now, state)
        if not math.isfinite(now) or now < self._last:
            findings.append(Finding(Kind.CLOCK, f"time is {now!r} s after {self._last!r} s"))
        standing = self.mode is not Mode.ARMED
        self._arming.arm(str(item) for item in findings)
        if standing:
            self._last = self._armed_at = now
            self.sent = np.zeros(7)

    def disarm(self) -> None:
        """Brake, then publish nothing."""
        self._arming.disarm()

    def stop(self, reason: str) -> None:
        """Brake and stay stopped until armed again."""
        self._arming.stop((reason,))

    def step(self, now: float, wanted: Wanted | None, state: RobotState | None) -> Verdict:
        """Compute the joint velocity to send in this cycle.

        Args:
            now: time, s, monotonic.
            wanted: newest requested joint velocity; None before the first.
            state: newest robot state; None before the first.
        """
        findings, dt = self._clock(now)
        findings += watch_robot(self.limits, now, state)
        if self.mode is Mode.ARMED:
            stamp = None if state is None else state.objects_stamp
            findings += watch_command(self.limits, now, self._armed_at, wanted, stamp)
        latching = [item for item in findings if item.reaction.latching]
        if latching:
            self._arming.stop(map(str, latching))
        velocity = self._velocity(wanted, state, findings, dt)
        silent = any(item.reaction is Reaction.SILENCE for item in findings)
        if self.mode in (Mode.ARMED, Mode.STOPPING):
            self.counts.update(item.kind for item in findings)
        # Before the next line: the zero that ends the braking is published even if it leads to disarmed. So is the zero
        # before SILENCE: it stops a robot that still listens, and is the last command queued for one that does not.
        publish = self.mode is not Mode.DISARMED and (not silent or bool(self.sent.any()))
        if not velocity.any():
            self._arming.stands()
        self.sent = velocity
        return Verdict(velocity.copy(), publish, self.mode, tuple(findings))

    def _clock(self, now: float) -> tuple[list[Finding], float]:
        """Return the findings on the clock, and the period (s) of this cycle for acceleration limits.

        With a faulty clock, that is the period of the last good cycle.
        """
        last, dt = self._last, now - self._last
        if not math.isfinite(now):
            return [Finding(Kind.CLOCK, f"time is {now!r}")], self._period
        self._last = now
        if dt < 0.0:
            return [Finding(Kind.CLOCK, f"time went back from {last:.3f} s to {now:.3f} s")], self._period
        if dt > self.limits.reaction_s and self.mode is Mode.ARMED:
            allowed = f"{dt:.3f} s since the last cycle, allowed {self.limits.reaction_s:g} s"
            return [Finding(Kind.LATE_CYCLE, allowed)], self.limits.cycle_s
        self._period = min(dt, self.limits.cycle_s)
        return [], self._period

    def _velocity(self, wanted: Wanted | None, state: RobotState | None, findings: list[Finding], dt: float) -> Array:
        """Choose the command; limits that reduced it are added to the findings.

        A request for zero velocity brakes with the joints' full deceleration, as a violation does.
        """
        reactions = {item.reaction for item in findings}
        if self.mode in (Mode.DISARMED, Mode.STOPPED) or reactions & {Reaction.CUT, Reaction.SILENCE}:
            return np.zeros(7)
        if any(item.kind is Kind.LATE_CYCLE for item in findings):
            # The robot's own command timeout has stopped it meanwhile.
            return np.zeros(7)
        if self.mode is Mode.STOPPING or Reaction.HOLD in reactions or wanted is None or state is None:
            return self._braked(dt)
        if not wanted.velocity.any():
            return self._braked(dt)
        target = self._limited(self.speed_scale * wanted.velocity, state, findings)
        return self._reached(target, state, findings, dt)

    def _limited(self, target: Array, state: RobotState, findings: list[Finding]) -> Array:
        """Return a requested velocity reduced to every limit."""
        slid = self._bounds.along_walls(target, state)
        factors = self._bounds.factors(slid, state)
        kinds = set(exceeded(factors)) | ({Kind.WORKSPACE} if slid is not target else set())
        findings += [Finding(kind, f"{100.0 * factors[kind]:.0f} % of the motion is allowed") for kind in sorted(kinds)]
        return slid * tightest(factors)

    def _reached(self, target: Array, state: RobotState, findings: list[Finding], dt: float) -> Array:
        """Ramp towards the target within the acceleration limits; brake where the ramp would violate a limit."""
        candidate = ramp(self.sent, target, self._bounds.acceleration, dt)
        if not np.array_equal(candidate, target):
            findings.append(Finding(Kind.JOINT_ACCELERATION, "the change is spread over several cycles"))
        factor = tightest(self._bounds.factors(candidate, state))
        if factor >= 1.0:
            return candidate
        smaller = factor * candidate
        # Joints that slow down may use all of their deceleration.
        slower = np.abs(smaller) <= np.abs(self.sent)
        allowed = np.where(slower, self.limits.joints.acceleration, self._bounds.acceleration)
        if np.all(np.abs(smaller - self.sent) <= allowed * dt):
            return smaller
        return self._braked(dt)

    def _braked(self, dt: float) -> Array:
        """Return the last command after `dt` (s) of braking with full joint deceleration, in the same direction."""
        time = stop_time(self.sent, self.limits.joints.acceleration)
        return np.zeros(7) if time <= dt else self.sent * (1.0 - dt / time)
