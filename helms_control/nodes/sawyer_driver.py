"""Sawyer driver node, with the interface of the simulated cell: actions in, observations out, at 20 Hz."""

import time
from collections.abc import Callable
from functools import partial

from geometry_msgs.msg import PoseStamped
from rclpy.time import Time
from std_srvs.srv import Trigger

from helms_control.errors import HelmsError
from helms_control.hardware.sawyer.connect import Connection, connect
from helms_control.hardware.sawyer.enabling import Request
from helms_control.hardware.sawyer.link import pose_numbers
from helms_control.hardware.sawyer.outcome import Command, Instant
from helms_control.nodes import qos
from helms_control.nodes.guard import Guard, names_of
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.robot_settings import SawyerDriverSettings
from helms_control.nodes.robot_voice import RobotVoice
from helms_control.nodes.stop_service import StopService
from helms_control.spec import COLOURS, CONTROL_HZ
from helms_control.spec.task import steps_of
from helms_msgs.msg import Action, Heartbeat
from helms_msgs.srv import Reset

PERIOD_S = 1.0 / CONTROL_HZ
OLDEST_S = 10.0
"""Age limit of stamps, s: older or future stamps are of another clock, and the reception time is used instead."""


class SawyerDriverNode(ManagedNode):
    """Publishes observations of the robot and executes one action for each.

    Attributes:
        connection: driver, the robot's topics, gripper.
        driver: of the connection.
    """

    SETTINGS = SawyerDriverSettings
    BEAT_S = 0.05

    def prepare(self) -> None:
        """Connect to the robot; create publishers, subscriptions and services."""
        s: SawyerDriverSettings = self.settings
        if not s.robot:
            raise HelmsError("parameter robot is empty; set it to the robot's master, such as http://sawyer:11311")
        self._guard, self._fresh = Guard(names_of(s.needs), s.lease_s), time.monotonic()
        self.connection: Connection = connect(s.setup())
        self.driver = self.connection.driver
        self._stop = StopService(self, self.driver)
        self._voice = RobotVoice(self, s.dry_run)
        self.listen(Action, "action", self._on_action)
        self.listen(Heartbeat, "heartbeat", self._guard.hear, qos.BEAT, needed=False)
        for index, colour in enumerate(COLOURS) if s.tracker == "ros2" else ():
            self.listen(
                PoseStamped, getattr(s, f"{colour}_pose"), partial(self._on_pose, index), needed=s.needs_objects
            )
        services: dict[str, Callable[[], object]] = {
            "arm": self.arm,
            "disarm": self.driver.disarm,
            "stop": partial(self.driver.stop, "stopped on request"),
            "ready": self.driver.go_ready,
            "enable": partial(self.driver.ask, Request.ENABLE),
            "disable": partial(self.driver.ask, Request.DISABLE),
            "activate_gripper": self.connection.activate_gripper,
            "end_episode": self._end,
        }
        self._offered = [self.create_service(Reset, "reset", self._on_reset)]
        for name, act in services.items():
            self._offered.append(self.create_service(Trigger, name, partial(self._on_trigger, act)))
        self.every(PERIOD_S, self._tick)

    def pause(self) -> None:
        """End the episode and disarm."""
        self._end("the driver was deactivated", refuse=False)
        self.driver.disarm()

    def release(self) -> None:
        """Brake, leave the velocity mode and disconnect."""
        self.connection.close()
        # Last, so that the robot can be stopped meanwhile.
        self._stop.close()
        for service in self._offered:
            self.destroy_service(service)

    def waiting_for(self) -> str:
        """Return what the driver waits for: topics, arming or the end of the move to the ready pose."""
        if self.driver.moving_ready:
            return "the ready pose"
        armed = "" if self.driver.armed else f"somebody to arm the robot, which is {self.driver.loop.mode.value}"
        return ", ".join(filter(None, (super().waiting_for(), armed)))

    def report(self) -> tuple[str, dict[str, object]]:
        """Warn of faults, of stops and of reasons against arming."""
        driver, link, layer = self.driver, self.connection.link, self.driver.loop.commander.layer
        numbers: dict[str, object] = {
            name: getattr(driver.loop.steps, name) for name in ("missed", "refused", "clipped")
        }
        numbers |= {name: getattr(driver.counts, name) for name in ("cycles", "sent", "late", "worst_ms", "fastest")}
        numbers |= {"mode": layer.mode.value, "dry_run": driver.dry_run, "speed_scale": layer.speed_scale}
        numbers |= {str(kind): count for kind, count in layer.counts.items()}
        numbers |= {f"ros1 {kind}": count for kind, count in link.node.problems.counts.items()}
        numbers |= {"power": driver.loop.senses.assembly or "unknown", "strange": link.strange}
        numbers |= {"emergency stop": driver.emergency}
        stopped = "; ".join(layer.reasons) if layer.mode.value in ("stopping", "stopped") else ""
        against = driver.loop.senses.doubt() if driver.armed else driver.hindrances()
        if height := driver.loop.senses.height_warning():
            self.get_logger().warning(height, once=True)
        gone = "the robot's network told the driver to end" if link.node.closed else ""
        emergency = str(driver.emergency) if driver.emergency.active else ""
        trouble = (emergency, driver.broken, gone, stopped, against, driver.power(), self.connection.activation)
        return "; ".join(filter(None, (*trouble, height, link.problem))), numbers

    def arm(self) -> None:
        """Arm the robot; with `ready_first`, move to the ready pose.

        Raises:
            HelmsError: it cannot be armed now.
        """
        if not self.active:
            raise HelmsError("the driver is not active")
        self.driver.arm()
        if self.settings.ready_first:
            self.driver.go_ready()

    def _on_action(self, action: Action) -> None:
        try:
            self.driver.offer(action.episode, action.step, action.spec_hash, action.action)
        except HelmsError as error:
            self.get_logger().warning(f"refused: {error}", throttle_duration_sec=1.0)

    def _on_pose(self, index: int, pose: PoseStamped) -> None:
        age = (self.get_clock().now() - Time.from_msg(pose.header.stamp)).nanoseconds * 1e-9
        seen = time.monotonic() - (age if 0.0 < age < OLDEST_S else 0.0)
        try:
            self.driver.loop.senses.objects.see(index, pose_numbers(pose.pose), pose.header.frame_id, seen)
        except HelmsError as error:
            self.get_logger().warning(f"refused: {error}", throttle_duration_sec=1.0)

    def _tick(self) -> None:
        steps = self.driver.loop.steps
        # After a reset, which is asynchronous, the first action has at least half a period to arrive.
        if not self.active or (steps.running and steps.step == 0 and time.monotonic() - self._fresh < PERIOD_S / 2):
            return
        self.driver.guard(self._guard.missing())
        try:
            told = self.driver.tick()
            if told is not None:
                self._publish(*told)
            else:
                self._voice.show(*self.driver.frame())
        except HelmsError as error:
            self.get_logger().warning(f"no observation: {error}", throttle_duration_sec=5.0)

    def _publish(self, command: Command, instant: Instant) -> None:
        self._voice.tell(command, self.driver.loop.steps)
        self._voice.say(instant)

    def _end(self, reason: str = "ended on request", refuse: bool = True) -> None:
        told = self.driver.end(reason)
        if told is not None:
            self._publish(*told)
        elif refuse:
            raise HelmsError("no episode is running")

    # Services.

    def _on_trigger(
        self, act: Callable[[], object], _: Trigger.Request, response: Trigger.Response
    ) -> Trigger.Response:
        try:
            act()
            response.success, response.message = True, f"the arm is {self.driver.loop.mode.value}"
        except HelmsError as error:
            response.message = str(error)
        return response

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        try:
            if not self.active:
                raise HelmsError("no reset: the driver is not active")
            task, tracked = request.task or self.settings.task, self.driver.loop.senses.objects
            length = steps_of(task)  # raises before the episode begins
            tracked.use(request.object_set or self.settings.object_set)
            instant = self.driver.begin(request.episode, length)
        except HelmsError as error:
            response.message = str(error)
            return response
        self._fresh = time.monotonic()
        self._voice.begin(instant.episode, task, tracked.hulls)
        self._voice.say(instant)
        response.success, response.episode, response.randomisation = True, instant.episode, request.randomisation
        response.task, response.objects = task, [hull.name for hull in tracked.hulls or ()]
        response.object_set = request.object_set or self.settings.object_set
        return response
