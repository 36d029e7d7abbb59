"""The safety layer: a wanted joint velocity goes in, the one that is really to be sent comes out, with the reasons."""

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
"""Share of every wanted velocity that is carried out until somebody asks for more."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What is to be done in this cycle.

    Attributes:
        velocity: (7,) the command, rad/s.
        publish: whether a command may be sent at all.
        mode: state of the layer after this cycle.
        findings: everything that was found wrong, whatever the mode.
    """

    velocity: Array
    publish: bool
    mode: Mode
    findings: tuple[Finding, ...]

    @property
    def holding(self) -> bool:
        """Whether the arm is braked or kept standing, so that the fingers should not move either."""
        return self.mode is not Mode.ARMED or any(item.reaction is not Reaction.SLOW for item in self.findings)


class SafetyLayer:
    """Decides, once a cycle, what the arm is told. It reads no clock and sends nothing.

    Attributes:
        limits: thresholds.
        speed_scale: share of every wanted velocity that is carried out, in (0, 1].
        counts: armed or braking cycles in which each kind was found.
        sent: (7,) the last command, rad/s.
    """

    def __init__(self, limits: SafetyLimits) -> None:
        """Start disarmed and slow."""
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
        """Carry out this share of every wanted velocity from now on.

        Raises:
            SafetyError: it is not in (0, 1].
        """
        if not 0.0 < scale <= 1.0:
            raise SafetyError(f"the speed scale must be in (0, 1], got {scale!r}")
        self.speed_scale = float(scale)

    def arm(self, now: float, state: RobotState | None) -> None:
        """Let the arm move from now on.

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
        """Brake and stay stopped, for instance because a person asks for it."""
        self._arming.stop((reason,))

    def step(self, now: float, wanted: Wanted | None, state: RobotState | None) -> Verdict:
        """Decide what the arm is told in this cycle.

        Args:
            now: time, s; it never goes backwards.
            wanted: newest wanted joint velocity; None before the first.
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
        # Before the next line: the zero that ends the braking is published even if the arm is disarmed by it. So is the
        # zero before the silence: a robot that still listens stands at once, and of what piles up it is the last.
        publish = self.mode is not Mode.DISARMED and (not silent or bool(self.sent.any()))
        if not velocity.any():
            self._arming.stands()
        self.sent = velocity
        return Verdict(velocity.copy(), publish, self.mode, tuple(findings))

    def _clock(self, now: float) -> tuple[list[Finding], float]:
        """Return what is wrong with the clock, and the time (s) that this cycle may count for accelerations.

        A clock that fails says nothing about it; then it is that of the last good cycle.
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
        """Choose the command; limits that it had to be kept from are added to the findings.

        Whoever wants to stand gets all of the joints' deceleration, as after a violation.
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
        """Return what of a wanted velocity every limit allows."""
        slid = self._bounds.along_walls(target, state)
        factors = self._bounds.factors(slid, state)
        kinds = set(exceeded(factors)) | ({Kind.WORKSPACE} if slid is not target else set())
        findings += [Finding(kind, f"{100.0 * factors[kind]:.0f} % of the motion is allowed") for kind in sorted(kinds)]
        return slid * tightest(factors)

    def _reached(self, target: Array, state: RobotState, findings: list[Finding], dt: float) -> Array:
        """Go towards the target within the accelerations, or brake where the way there leads beyond a limit."""
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
        """Return the last command after braking for a time (s) as hard as the joints allow, along its direction."""
        time = stop_time(self.sent, self.limits.joints.acceleration)
        return np.zeros(7) if time <= dt else self.sent * (1.0 - dt / time)
