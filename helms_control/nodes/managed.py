"""Base class of all nodes: lifecycle, parameters, heartbeat, diagnostics."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock, ClockType
from rclpy.context import Context
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile

from helms_control.errors import HelmsError
from helms_control.nodes import parameters, qos
from helms_control.nodes.convert import diagnosis
from helms_control.nodes.ends import Ends, Output
from helms_control.nodes.local import LocalTopics
from helms_control.nodes.pulse import DEAF_S, QUIET_S, Pulse

DIAGNOSTICS_S = 1.0
DEAF = 3
"""Exit code of a node that no longer receives any other node's heartbeat."""


class ManagedNode(LifecycleNode):
    """A lifecycle node whose subclass fills in `prepare`, `begin`, `pause` and `release`.

    Attributes:
        SETTINGS: dataclass of its parameters, made of `parameters.setting`.
        BEAT_S: seconds between heartbeats while active.
        settings: the parameters' values at the last configure.
        active: whether messages are processed.
        failure: why the last configure failed.
        exit_code: set by a node to end its process.
    """

    SETTINGS: ClassVar[type[Any]]
    BEAT_S: ClassVar[float] = 0.2

    def __init__(
        self,
        name: str,
        context: Context | None = None,
        overrides: Sequence[Parameter[Any]] = (),
        local: LocalTopics | None = None,
    ) -> None:
        """Create the node, unconfigured, with its parameters declared.

        Args:
            name: node name; the command line may remap it.
            context: of a composed graph; None for the default context.
            overrides: parameters of a composed node, which ignores command-line arguments.
            local: topics within this process, of a composed graph that no other process takes part in.
        """
        composed = context is not None
        super().__init__(
            name,
            context=context,
            parameter_overrides=list(overrides),
            use_global_arguments=not composed,
            enable_rosout=not composed,
            start_parameter_services=not composed,
        )
        parameters.declare(self, self.SETTINGS)
        # Heartbeats and watchdogs use the steady clock: neither simulated time nor a clock change can stop it.
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.settings: Any = None
        self.active = False
        self.failure = ""
        self.exit_code: int | None = None
        self._ends = Ends(self, local)
        self._timers_made: list[Any] = []

    def prepare(self) -> None:
        """Read `self.settings`, create publishers, subscriptions, services; a HelmsError fails the configure."""

    def begin(self) -> None:
        """Called when the node becomes active."""

    def pause(self) -> None:
        """Called when the node stops being active."""

    def release(self) -> None:
        """Close what `prepare` opened; publishers, subscriptions and timers are destroyed automatically."""

    def report(self) -> tuple[str, dict[str, object]]:
        """Return a warning (empty when all is well) and the numbers for /diagnostics."""
        return "", {}

    def listen(
        self,
        kind: type[Any],
        topic: str,
        callback: Callable[[Any], None],
        profile: QoSProfile = qos.PATH,
        needed: bool = True,
        raw: bool = False,
    ) -> None:
        """Subscribe; the callback is called only while the node is active.

        Args:
            kind: message class.
            topic: relative name.
            callback: takes the message, or its bytes with `raw`.
            profile: quality of service.
            needed: the node is not ready before a publisher is matched.
            raw: leave the message serialised.
        """

        def when_active(message: Any) -> None:  # noqa: ANN401 - message or bytes
            if self.active:
                callback(message)

        self._ends.subscribe(kind, topic, when_active, profile, needed, raw)

    def speak(self, kind: type[Any], topic: str, profile: QoSProfile = qos.PATH, needed: bool = False) -> Output:
        """Create a publisher; with `needed`, the node is not ready before a subscriber is matched."""
        return self._ends.publisher(kind, topic, profile, needed)

    def every(self, seconds: float, callback: Callable[[], None]) -> None:
        """Create a timer on the steady clock; cleanup destroys it."""
        self._timers_made.append(self.create_timer(seconds, callback, clock=self._steady))

    def waiting_for(self) -> str:
        """Return the topics without a match; empty when all are connected."""
        missing = self._ends.unmatched()
        if self._pulse.silence_s > QUIET_S:
            missing.append("the others' heartbeat")
        return ", ".join(missing)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Read the parameters and prepare; FAILURE, with the reason in the log, on a HelmsError."""
        try:
            self._pulse = Pulse(self)
            self.settings = parameters.read(self, self.SETTINGS)
            self._diagnostics = self.speak(DiagnosticArray, "/diagnostics")
            self.prepare()
        except HelmsError as error:
            self.failure = str(error)
            self.get_logger().error(f"not configured: {error}")
            self._forget()
            return TransitionCallbackReturn.FAILURE
        self.failure = ""
        self.every(self.BEAT_S, self._send_beat)
        self.every(DIAGNOSTICS_S, self._send_diagnostics)
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Activate the publishers, then begin."""
        done = super().on_activate(state)
        self.active = True
        self._pulse.rest()
        self.begin()
        return done

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Pause, then deactivate the publishers."""
        self.pause()
        self.active = False
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Release all resources."""
        self.release()
        self._forget()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop, from any state."""
        if self.active:
            self.pause()
            self.active = False
        if self.settings is not None:
            self.release()
        return super().on_shutdown(state)

    def _forget(self) -> None:
        self._pulse.close()
        for timer in self._timers_made:
            self.destroy_timer(timer)
        self._ends.close()
        self._timers_made, self.settings = [], None

    def _send_beat(self) -> None:
        if self.active:
            self._pulse.beat(self.waiting_for(), self._ends.hears(), self._ends.reach())
            if self._pulse.silence_s > DEAF_S and self.exit_code is None:
                self.get_logger().error("no heartbeat of any other node arrives any more: exits, to be restarted")
                self.exit_code = DEAF

    def _send_diagnostics(self) -> None:
        if not self.active:
            return
        warning, numbers = self.report()
        self._diagnostics.publish(diagnosis(self.get_name(), warning, numbers, self.get_clock().now().to_msg()))
