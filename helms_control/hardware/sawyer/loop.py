"""Control loop of the driver, from readings to commands, without threads, clocks or network."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from helms_control.control.cartesian import CartesianController
from helms_control.errors import HelmsError
from helms_control.hardware.sawyer.command import ON_THE_WAY, Commander, Told
from helms_control.hardware.sawyer.enabling import Procedure, Request
from helms_control.hardware.sawyer.observation import Frames, Vector, objects, proprioception
from helms_control.hardware.sawyer.outcome import Command, Instant, Output
from helms_control.hardware.sawyer.ready import READY, ReadyMove
from helms_control.hardware.sawyer.senses import Arm, Senses, SensesConfig
from helms_control.hardware.sawyer.steps import Steps
from helms_control.safety.findings import Kind
from helms_control.safety.joints import JointLimits
from helms_control.safety.limits import SafetyLimits
from helms_control.safety.state import Mode
from helms_control.safety.watch import watch_robot
from helms_control.spec import EPISODE_STEPS

Array = npt.NDArray[np.float64]

NO_ACTION_IN_TIME = "no action in time"
AT_REST = 0.05
"""Largest joint speed at which the arm counts as being at rest, rad/s."""


@dataclass(frozen=True)
class LoopConfig:
    """Settings of the loop."""

    senses: SensesConfig = field(default_factory=SensesConfig)
    """Frames, needs and age limits of readings."""
    safety: SafetyLimits = field(default_factory=SafetyLimits)
    """Limits; joint limits are narrowed by those that the robot reports."""
    speed_scale: float = 0.25
    """Factor on requested velocities, in (0, 1]."""
    tare: bool = True
    """Whether arming uses the wrench at rest as the tool's weight."""
    disarm_after_episode: bool = True
    """Whether to disarm after each episode."""
    ready: ReadyMove = field(default_factory=lambda: ReadyMove(READY))
    """Motion to the ready pose."""


class ControlLoop:
    """Computes the output of each cycle from readings and actions; one thread at a time may call it.

    Attributes:
        config: as given.
        senses: readings, which any thread may set.
        steps: counter of episodes and steps.
        commander: actions, stream and safety layer.
        procedure: newest power request; None before the first.
        limits_known: whether the robot has reported its joint limits.
        guard: external reason to hold the armed arm; empty for none.
    """

    def __init__(self, config: LoopConfig, controller: CartesianController | None = None) -> None:
        """Start disarmed, without readings.

        Args:
            config: settings.
            controller: by default that of the simulation.
        """
        self.config, self._controller = config, controller
        self.senses = Senses(config.senses, config.safety.state_age_s)
        self.steps, self._frames, self._told = Steps(), Frames(), Told()
        self.procedure: Procedure | None = None
        self.limits_known, self.guard, self._was_published = False, "", False
        self._newest: Instant | None = None
        self._use(config.safety)

    @property
    def mode(self) -> Mode:
        """State of the safety layer."""
        return self.commander.layer.mode

    def use_limits(self, limits: JointLimits) -> None:
        """Use the joint limits that the robot reports.

        Raises:
            HelmsError: the arm is armed, or they contradict the others.
        """
        if self.mode is not Mode.DISARMED:
            raise HelmsError("joint limits change only while the arm is disarmed")
        safety = self.config.safety
        self._use(replace(safety, joints=safety.joints.narrowed(limits)))
        self.limits_known = True

    # Arming, holding, power.

    def hindrances(self, now: float) -> list[str]:
        """Return the reasons against arming, including the robot's own state."""
        state = self.senses.state(now, self.senses.arm())
        if state is None:
            return self._own_hindrances(now)
        # The tool's weight may not be known yet: arming measures it.
        found = [item for item in watch_robot(self.config.safety, now, state) if item.kind is not Kind.FORCE]
        return [*self._own_hindrances(now), *map(str, found)]

    def _own_hindrances(self, now: float) -> list[str]:
        """Return the reasons against arming, except those that the safety layer checks."""
        senses, against = self.senses, []
        if missing := senses.missing():
            against.append(f"nothing heard yet of {missing}")
        if not self.limits_known:
            against.append("the robot has not reported its joint limits yet")
        if (apart := senses.apart()) > senses.config.tip_tolerance:
            against.append(
                f"the robot's endpoint lies {1e3 * apart:.0f} mm beside the tool axis that its joints give; it is "
                "another arm than the one that the driver reckons with: choose other kinematics"
            )
        joints = senses.joints
        # Written so that NaN counts as moving.
        if joints is not None and not float(np.max(np.abs(joints.velocity))) <= AT_REST:
            against.append("the arm is moving")
        if why := self._grip(now):
            against.append(why)
        if doubt := senses.doubt():
            against.append(doubt)
        if self.procedure is not None and not self.procedure.done:
            against.append(f"the robot is being asked to {self.procedure.goal}")
        return against

    def arm(self, now: float) -> None:
        """Permit motion from now on.

        Raises:
            HelmsError: there are reasons against it; the message lists all.
        """
        if self.mode is Mode.ARMED:
            return
        against = self._own_hindrances(now)
        if not against and self.config.tare and (why := self.senses.wrist.tare()):
            against = [why]
        if against:
            raise HelmsError(f"the robot cannot be armed: {'; '.join(against)}. Clear every cause, then arm again.")
        self.commander.layer.arm(now, self.senses.state(now, self.senses.arm()))

    def disarm(self) -> None:
        """Brake, then return control to the robot."""
        self.commander.layer.disarm()

    def stop(self, reason: str) -> None:
        """Brake and stay stopped until armed again."""
        self.commander.layer.stop(reason)

    def ask(self, goal: Request, now: float) -> None:
        """Start to enable, disable or reset the robot.

        Raises:
            HelmsError: the arm is armed.
        """
        if self.mode in (Mode.ARMED, Mode.STOPPING):
            raise HelmsError(f"{goal}: not while the arm is {self.mode.value}; disarm first")
        self.procedure = Procedure(goal, now)

    def go_ready(self) -> None:
        """Move to the ready pose, where episodes begin.

        Raises:
            HelmsError: the arm is not armed, or an episode runs.
        """
        if self.mode is not Mode.ARMED or self.steps.running:
            why = "an episode is running" if self.steps.running else f"the arm is {self.mode.value}; arm it"
            raise HelmsError(f"no way to the ready pose: {why}")
        self.commander.go_ready(self.config.ready)

    # Called in every cycle, and in every control step.

    def cycle(self, now: float) -> Output:
        """Compute the output of the cycle at `now`, s."""
        senses, commander, before = self.senses, self.commander, self.mode
        arm = senses.arm()
        pose = None if arm is None else arm.pose
        if self.mode is Mode.ARMED and (why := self._must_stand(now)):
            commander.hold(why)
        sent = commander.cycle(now, senses.state(now, arm), pose)
        self._told.add(sent, pose)
        request = self.procedure.step(now, senses.assembly) if self.procedure is not None else None
        # The zero that ends the braking is still sent; the mode is left with the next cycle.
        leaving = before is Mode.DISARMED and self._was_published and not sent.publish
        self._was_published = sent.publish or (self._was_published and sent.mode is not Mode.DISARMED)
        leave = arm.joints.position if leaving and arm is not None and self._sound(now, arm) else None
        return Output(
            sent.velocity if sent.publish else None,
            sent.fingers if sent.publish else None,
            leave,
            request,
        )

    def begin(self, least: int = 0, length: int = EPISODE_STEPS) -> Instant:
        """Begin an episode of `length` control steps at the arm's current pose; its number is at least `least`.

        Raises:
            HelmsError: the arm is not armed, is on its way to the ready pose, or there is nothing to observe.
        """
        if self.mode is not Mode.ARMED or self.commander.moving_ready:
            raise HelmsError(
                f"no episode: the arm is {ON_THE_WAY if self.commander.moving_ready else self.mode.value}; "
                "arm it and let it come to rest"
            )
        own, seen = self._observed()
        self.commander.hold(NO_ACTION_IN_TIME)
        self.steps.begin(least, length)
        self._told = Told()
        return self._instant(*self._frames.add(own, seen, first=True))

    def offer(self, now: float, episode: int, step: int, spec_hash: str, action: npt.ArrayLike) -> None:
        """Execute the action for the current step.

        Raises:
            HelmsError: it is refused, as in `Steps.take`.
        """
        checked = self.steps.take(episode, step, spec_hash, action)
        arm = self.senses.arm()
        if arm is not None and arm.pose is not None and not self._must_stand(now):
            self._told.held = ""
            self.commander.act(checked, arm.pose, arm.joints.position, now)

    def tick(self) -> tuple[Command, Instant] | None:
        """End the current control step and observe the next; None while no episode runs.

        Raises:
            HelmsError: there is nothing to observe; the step goes on.
        """
        steps = self.steps
        if not steps.running:
            return None
        if self.mode is not Mode.ARMED:
            return self.end(f"{self.mode.value}: {'; '.join(self.commander.layer.reasons) or 'by hand'}")
        own, seen = self._observed()
        held = self._told.held
        if not steps.answered:
            held = held or NO_ACTION_IN_TIME
            self.commander.hold(NO_ACTION_IN_TIME)
        command = self._command(held)
        last = steps.advance(held)
        self._told = Told()
        instant = self._instant(*self._frames.add(own, seen, first=False), last, "time" if last else "")
        if last:
            self._over("time")
        return command, instant

    def end(self, reason: str) -> tuple[Command, Instant] | None:
        """End the running episode, if any."""
        now = self._newest
        if not self.steps.running or now is None:
            return None
        command = self._command(reason)
        self.steps.end()
        self._over(reason)
        return command, Instant(now.episode, now.step, now.own, now.seen, True, reason)

    def frame(self) -> tuple[Vector, Vector]:
        """Return current proprioception (43,) and objects (42,), with or without an episode.

        Raises:
            HelmsError: a reading is missing or not finite.
        """
        return self._observed()

    def _use(self, safety: SafetyLimits) -> None:
        self.commander: Commander = Commander(safety, self._controller)
        self.commander.layer.set_speed_scale(self.config.speed_scale)

    def _must_stand(self, now: float) -> str:
        """Return why the arm must be held although the safety layer permits motion; empty for no reason."""
        return self.guard or self._grip(now) or self.senses.doubt()

    def _grip(self, now: float) -> str:
        """Return what is wrong with the gripper; empty for nothing."""
        status = self.senses.gripper
        if not self.config.senses.needs_gripper or status is None:
            return ""
        if not status.ready:
            return f"the gripper is not ready: {status.problem or 'no reason given'}"
        age = now - status.stamp
        if age <= self.config.senses.gripper_age_s:
            return ""
        return f"the gripper has been silent for {age:.2f} s: {status.problem or 'no reason given'}"

    def _sound(self, now: float, arm: Arm) -> bool:
        """Whether the robot's state is recent enough for angles to hold."""
        state = self.senses.state(now, arm)
        return state is not None and state.enabled and now - state.stamp <= self.config.safety.state_age_s

    def _observed(self) -> tuple[Vector, Vector]:
        felt = self.senses.felt()
        return proprioception(felt), objects(self.senses.objects.poses, felt.pose)

    def _command(self, held: str) -> Command:
        told = self._told
        return Command(self.steps.episode, self.steps.step, told.velocity, held, tuple(sorted(told.slowed)))

    def _instant(self, own: Vector, seen: Vector, last: bool = False, reason: str = "") -> Instant:
        self._newest = Instant(self.steps.episode, self.steps.step, own, seen, last, reason)
        return self._newest

    def _over(self, reason: str) -> None:
        self.commander.hold(f"the episode is over: {reason}")
        if self.config.disarm_after_episode:
            self.disarm()
