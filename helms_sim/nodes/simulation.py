"""The simulated cell as a node: actions in, observations out, in lockstep or in real time."""

import time
from dataclasses import dataclass

from std_srvs.srv import SetBool, Trigger

from helms_control.errors import HelmsError
from helms_control.nodes import qos
from helms_control.nodes.guard import Guard, names_of
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.parameters import setting
from helms_control.spec import CONTROL_HZ
from helms_msgs.msg import Action, Heartbeat
from helms_msgs.srv import Reset
from helms_sim.env import StackEnv
from helms_sim.nodes.voice import Voice
from helms_sim.plant import STILL, Command, Instant, Plant

PERIOD_S = 1.0 / CONTROL_HZ
STEP_NS = 1_000_000_000 // CONTROL_HZ
WAIT_S = 0.1
"""In lockstep, after so long without an action the arm is reported as held, and the observation is sent again."""


@dataclass(frozen=True)
class SimulationSettings:
    """Parameters of the simulation node."""

    task: str = setting("red_on_blue", "Task of episodes whose reset does not name one.")
    object_set: str = setting("4", "1 to 5, train, heldout, test, or a triplet such as r3,s0,b2.")
    randomisation: str = setting("off", "Physics, sensors and delay.", choices=("off", "training", "hard"))
    lockstep: bool = setting(False, "Wait for the action of each step instead of running at 20 Hz.")
    camera: str = setting("", "Publish camera/image from this camera; empty for none.")
    needs: str = setting("", "Nodes without whose heartbeat the arm stands still, separated by commas.")
    lease_s: float = setting(0.08, "Seconds without a heartbeat after which a node counts as gone.", 0.02, 10.0)
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")


class SimulationNode(ManagedNode):
    """Publishes observations and executes one action for each."""

    SETTINGS = SimulationSettings
    BEAT_S = 0.05

    def prepare(self) -> None:
        """Build the cell, advertise topics, subscribe to actions and heartbeats."""
        s: SimulationSettings = self.settings
        env = StackEnv(s.task, s.object_set, randomisation=s.randomisation, camera=s.camera or None)
        self._plant = Plant(env)
        self._guard = Guard(names_of(s.needs), s.lease_s)
        # From the wall clock, so that time does not run backwards after a restart.
        self._time_ns = time.time_ns()
        self._stopped, self._fresh, self._steps = "", time.monotonic(), 0
        self._voice = Voice(self)
        self.listen(Action, "action", self._on_action)
        self.listen(Heartbeat, "heartbeat", self._guard.hear, qos.BEAT, needed=False)
        self._offered = [
            self.create_service(Reset, "reset", self._on_reset),
            self.create_service(Trigger, "end_episode", self._on_end),
            self.create_service(SetBool, "emergency_stop", self._on_stop),
        ]
        self.every(PERIOD_S / 2 if s.lockstep else PERIOD_S, self._wait if s.lockstep else self._tick)

    def pause(self) -> None:
        """End the episode; the arm stands still."""
        self._end("the simulation was deactivated")

    def release(self) -> None:
        """Close GL contexts and services."""
        self._plant.env.close()
        for service in self._offered:
            self.destroy_service(service)

    def report(self) -> tuple[str, dict[str, object]]:
        """Warn while the arm is held."""
        plant = self._plant
        counts: dict[str, object] = {name: getattr(plant, name) for name in ("missed", "refused", "clipped")}
        counts["steps"] = self._steps
        held = self._stopped or (self._guard.missing() if plant.running else "")
        return (f"held: {held}" if held else ""), counts

    # Lockstep: an action steps the cell. Real time: the timer does.

    def _on_action(self, action: Action) -> None:
        try:
            self._plant.offer(action.episode, action.step, action.spec_hash, action.action)
        except HelmsError as error:
            self.get_logger().warning(f"refused: {error}", throttle_duration_sec=1.0)
            return
        if self.settings.lockstep:
            self._try()

    def _try(self) -> None:
        if self._plant.ready and not self._stopped and not self._guard.missing():
            self._advance("")

    def _wait(self) -> None:
        now = self._plant.now
        if now is None or now.last or time.monotonic() - self._fresh < WAIT_S:
            return
        self._try()
        if self._plant.now is now:
            why = self._stopped or self._guard.missing() or "no action yet"
            self._tell(Command(now.episode, now.step, STILL, why))
            self._say(now)

    def _tick(self) -> None:
        now = self._plant.now
        # A reset comes at any time; its first observation gets at least half a period to be answered in.
        early = now is not None and now.step == 0 and time.monotonic() - self._fresh < PERIOD_S / 2
        if self.active and self._plant.running and not early:
            self._advance(self._stopped or self._guard.missing())

    def _advance(self, held: str) -> None:
        command, instant = self._plant.advance(held)
        self._tell(command)
        self._time_ns += STEP_NS
        self._steps += 1
        self._say(instant)

    def _tell(self, command: Command) -> None:
        self._voice.tell(command, self._plant, self._time_ns)

    def _say(self, now: Instant) -> None:
        self._fresh = time.monotonic()
        self._voice.say(now, self._plant, self._time_ns)

    # Services.

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        wanted = {name: getattr(request, name) for name in ("task", "object_set", "randomisation")}
        try:
            if not self.active or self._stopped:
                raise HelmsError(f"no reset: {self._stopped or 'the simulation is not active'}")
            instant = self._plant.begin(request.seed, {k: v for k, v in wanted.items() if v}, request.episode)
        except HelmsError as error:
            response.message = str(error)
            return response
        self._time_ns += STEP_NS
        self._voice.begin(instant, self._plant, self._time_ns)
        self._say(instant)
        response.success, response.episode = True, instant.episode
        config = self._plant.env.config
        response.objects = list(self._plant.env.episode.names)
        response.task, response.object_set = config.task, str(config.object_set)
        response.randomisation = config.randomisation
        return response

    def _on_end(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        response.success = self._end("ended on request")
        response.message = "" if response.success else "no episode is running"
        return response

    def _on_stop(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._stopped = "emergency stop" if request.data else ""
        response.success, response.message = True, self._stopped or "released"
        return response

    def _end(self, reason: str) -> bool:
        instant = self._plant.end(reason)
        if instant is not None:
            self._tell(Command(instant.episode, instant.step, STILL, reason))
            self._say(instant)
        return instant is not None
