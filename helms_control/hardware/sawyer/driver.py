"""The driver: a thread that runs the control loop at 100 Hz, between the robot and the source of actions.

The thread waits for its clock only. Other threads access the loop under a lock that is held during pure computation
only.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.base import Gripper
from helms_control.hardware.sawyer.emergency import EmergencyStop
from helms_control.hardware.sawyer.enabling import Request
from helms_control.hardware.sawyer.loop import ControlLoop
from helms_control.hardware.sawyer.observation import Vector
from helms_control.hardware.sawyer.outcome import Command, Instant, Output
from helms_control.hardware.sawyer.phase import Phase
from helms_control.safety.joints import JointLimits
from helms_control.safety.state import Mode
from helms_control.spec import EPISODE_STEPS

Array = npt.NDArray[np.float64]

PERIOD_S = 0.01
REPEAT_S = 0.5
"""Period at which the command timeout is sent again, in case the robot has lost it, s."""
FAREWELL_S = 1.0
"""Time for the arm to brake when the driver is closed, s."""
PARTING_S = 0.1
"""Time for the last messages to be sent, s."""


class Commands(Protocol):
    """Commands to the robot; no method may block."""

    def deaf(self) -> str:
        """Return the command topics without a subscriber."""

    def set_timeout(self, seconds: float) -> None:
        """Send the robot's command timeout, s."""

    def move(self, velocity: Array) -> None:
        """Command joint velocities (7,), rad/s."""

    def leave(self, angles: Array) -> None:
        """Leave the velocity mode and hold angles (7,), rad."""

    def ask(self, request: Request) -> None:
        """Send a power request."""


CONFIRM_S = 0.2
"""Timeout for the robot's confirmation of an emergency stop, s."""
LOCK_S = 0.1
"""Timeout of an emergency stop for the lock of a control loop that hangs, s."""


@dataclass(slots=True)
class Counts:
    """Statistics of the thread, which alone writes them.

    Attributes:
        cycles: number of cycles.
        sent: velocity commands sent, or computed in a dry run.
        late: cycles since the last arming that began more than half a period late.
        worst_ms: largest delay of a cycle since then, ms.
        fastest: largest joint speed sent, rad/s.
    """

    cycles: int = 0
    sent: int = 0
    late: int = 0
    worst_ms: float = 0.0
    fastest: float = 0.0


class SawyerDriver:
    """Runs a `ControlLoop`.

    Attributes:
        loop: the control loop, for reading only.
        dry_run: commands are computed but not sent.
        counts: statistics of the thread.
        broken: why nothing is sent any more, after an internal error; empty without one.
        unfit: why the joint limits that the robot reports cannot be used; empty where they can.
        emergency: stop of the robot itself.
    """

    def __init__(
        self,
        loop: ControlLoop,
        commands: Commands | None,
        stop: Callable[[], int],
        gripper: Gripper | None = None,
        timeout_s: float = 0.1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; the thread is not started yet.

        Args:
            loop: the control loop.
            commands: receives the commands; None for a dry run.
            stop: sends an emergency stop, in a dry run too, and returns the number of receivers.
            gripper: started by the caller; None for none.
            timeout_s: command timeout after which the robot leaves the velocity mode, s.
            clock: monotonic time, s; that of the stamps in the loop's senses.
        """
        self.loop, self.dry_run, self.counts, self.broken = loop, commands is None, Counts(), ""
        self.unfit = ""
        self.emergency = EmergencyStop(stop, lambda: loop.senses.assembly, clock)
        self._commands, self._gripper, self._timeout, self._clock = commands, gripper, timeout_s, clock
        self._lock, self._quit = threading.Lock(), threading.Event()
        self._told, self._anew, self._phase = float("-inf"), False, Phase(PERIOD_S)
        self._limits: JointLimits | None = None
        self._thread = threading.Thread(target=self._run, name="sawyer driver", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Brake, send zero, leave the velocity mode and end the thread, with time for the last messages."""
        if not self._thread.is_alive():
            return
        with self._lock:
            self.loop.end("the driver was closed")
            self.loop.disarm()
        end = time.monotonic() + FAREWELL_S
        while self.loop.mode is not Mode.DISARMED and time.monotonic() < end:
            time.sleep(PERIOD_S)
        # The cycle after the last zero leaves the mode.
        time.sleep(2.0 * PERIOD_S)
        self._quit.set()
        self._thread.join()
        if self._commands is not None:
            time.sleep(PARTING_S)

    @property
    def armed(self) -> bool:
        """Whether actions are executed."""
        return self.loop.mode is Mode.ARMED

    @property
    def moving_ready(self) -> bool:
        """Whether the arm moves to the ready pose."""
        return self.loop.commander.moving_ready

    # Called from the threads of the robot's topics.

    def use_limits(self, limits: JointLimits) -> None:
        """Use the joint limits that the robot reports, once the arm is disarmed."""
        self._limits = limits

    # Called from the thread of the ROS 2 graph.

    def hindrances(self) -> str:
        """Return the reasons against arming; empty without any."""
        with self._lock:
            return "; ".join([*self._own_hindrances(), *self.loop.hindrances(self._clock())])

    def arm(self) -> None:
        """See `ControlLoop.arm`.

        Raises:
            HelmsError: as there; or the commands have no subscriber.
        """
        with self._lock:
            if against := self._own_hindrances():
                raise HelmsError(f"the robot cannot be armed: {'; '.join(against)}")
            self._tell_timeout(self._clock())
            self.loop.arm(self._clock())
            self._anew = True

    def disarm(self) -> None:
        """Brake, then return control to the robot."""
        with self._lock:
            self.loop.disarm()

    def stop(self, reason: str) -> None:
        """Brake and stay stopped until armed again."""
        with self._lock:
            self.loop.stop(reason)

    def emergency_stop(self) -> tuple[bool, str]:
        """Have the robot stop itself, as its button does, then stop the control loop; the robot must be enabled anew.

        The stop is sent first, in every state of this driver and in a dry run, and repeated until it is confirmed.
        Waits for the control loop and the confirmation, at most `LOCK_S` and `CONFIRM_S`.

        Returns:
            Whether a stop was sent, and what was sent and confirmed, in words.
        """
        self.emergency.press()
        notes = [self._halt()]
        self.emergency.settle()
        self.emergency.wait(CONFIRM_S)
        notes += [f"the driver is broken: {self.broken}"] if self.broken else []
        notes += ["dry run: nothing but the stop is sent"] if self.dry_run else []
        return self.emergency.sent > 0, "; ".join(filter(None, [str(self.emergency), *notes]))

    def _halt(self) -> str:
        """Stop the control loop; return what was wrong with it, empty for nothing."""
        locked = self._lock.acquire(timeout=LOCK_S)
        try:
            # Enabling that is under way would undo the stop.
            self.loop.procedure = None
            self.loop.stop("emergency stop")
        except Exception as error:
            # The stop is sent already, and its answer must not be lost.
            return f"the control loop could not be stopped: {type(error).__name__}: {error}"
        finally:
            if locked:
                self._lock.release()
        return "" if locked else "the control loop hangs"

    def end_emergency(self) -> None:
        """End the repetition of an unconfirmed stop."""
        self.emergency.release()

    def ask(self, goal: Request) -> None:
        """Start to enable, disable or reset the robot; `power` returns the progress.

        Raises:
            HelmsError: not now, or never in a dry run.
        """
        if self.emergency.active:
            raise HelmsError(f"{goal}: not while an emergency stop is repeated; call emergency_stop with false first")
        if self.dry_run:
            raise HelmsError(f"{goal}: a dry run sends nothing; start the driver without dry_run")
        with self._lock:
            self.loop.ask(goal, self._clock())

    def power(self) -> str:
        """Return progress or failure of the newest `ask`; empty when it succeeded, or without one."""
        with self._lock:
            procedure = self.loop.procedure
            if procedure is None:
                return ""
            return procedure.failure if procedure.done else f"{procedure.goal}: under way"

    def go_ready(self) -> None:
        """See `ControlLoop.go_ready`."""
        with self._lock:
            self.loop.go_ready()

    def guard(self, reason: str) -> None:
        """Hold the arm for a reason, until the reason is empty."""
        with self._lock:
            self.loop.guard = reason

    def begin(self, least: int = 0, length: int = EPISODE_STEPS) -> Instant:
        """See `ControlLoop.begin`."""
        with self._lock:
            return self.loop.begin(least, length)

    def offer(self, episode: int, step: int, spec_hash: str, action: npt.ArrayLike) -> None:
        """See `ControlLoop.offer`."""
        with self._lock:
            now = self._clock()
            self.loop.offer(now, episode, step, spec_hash, action)
            self._phase.hear(now)

    def tick(self) -> tuple[Command, Instant] | None:
        """See `ControlLoop.tick`."""
        with self._lock:
            return self.loop.tick()

    def end(self, reason: str) -> tuple[Command, Instant] | None:
        """See `ControlLoop.end`."""
        with self._lock:
            return self.loop.end(reason)

    def frame(self) -> tuple[Vector, Vector]:
        """See `ControlLoop.frame`."""
        with self._lock:
            return self.loop.frame()

    # The thread.

    def _run(self) -> None:
        due = self._clock()
        while not self._quit.wait(max(due - self._clock(), 0.0)):
            began = self._clock()
            self._count(began - due)
            try:
                self._cycle()
            except Exception as error:
                # Nothing is sent from here on, so the robot's timeout stops it; a dead thread could not report this.
                self.broken = f"{type(error).__name__}: {error}"
            with self._lock:
                shift = self._phase.shift(began)
            due = max(due + PERIOD_S + shift, began)

    def _cycle(self) -> None:
        if self._gripper is not None:
            self.loop.senses.gripper = self._gripper.status()
        with self._lock:
            # Read under the lock: time must not go backwards between this cycle and other calls.
            now = self._clock()
            self._take_limits()
            output = self.loop.cycle(now)
        if not self.broken:
            self._send(now, output)

    def _send(self, now: float, output: Output) -> None:
        if output.velocity is not None:
            self.counts.sent += 1
            self.counts.fastest = max(self.counts.fastest, float(np.max(np.abs(output.velocity))))
        if self._commands is None:
            return
        if output.velocity is not None:
            if now - self._told > REPEAT_S:
                self._tell_timeout(now)
            self._commands.move(output.velocity)
        if output.leave is not None:
            self._commands.leave(output.leave)
            self._told = float("-inf")
        if output.request is not None and not self.emergency.active:
            self._commands.ask(output.request)
        if self._gripper is not None:
            self._gripper.command(output.fingers or 0.0)

    def _take_limits(self) -> None:
        limits = self._limits
        if limits is not None and self.loop.mode is Mode.DISARMED:
            self._limits = None
            try:
                self.loop.use_limits(limits)
                self.unfit = ""
            except HelmsError as error:
                self.unfit = str(error)

    def _tell_timeout(self, now: float) -> None:
        if self._commands is not None:
            self._commands.set_timeout(self._timeout)
            self._told = now

    def _own_hindrances(self) -> list[str]:
        against = [f"the driver is broken: {self.broken}; start it anew"] if self.broken else []
        against += [f"an emergency stop is under way: {self.emergency}"] if self.emergency.active else []
        against += [f"the robot's joint limits cannot be taken: {self.unfit}"] if self.unfit else []
        if self._commands is not None and (deaf := self._commands.deaf()):
            against.append(f"the robot does not listen to {deaf} yet")
        return against

    def _count(self, late: float) -> None:
        counts = self.counts
        if self._anew:
            # Delays during start-up are irrelevant to the motion.
            self._anew, counts.late, counts.worst_ms = False, 0, 0.0
        counts.cycles += 1
        counts.late += late > 0.5 * PERIOD_S
        counts.worst_ms = max(counts.worst_ms, 1e3 * late)
