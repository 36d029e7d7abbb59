"""Base class of the three level nodes: bundle, load service, pairing of messages by step, refusal counts."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from helms_control.errors import HelmsError
from helms_control.nodes.convert import Key, RefusedError, key_of, require_hash
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.parameters import setting
from helms_control.policy import Bundle, load_bundle
from helms_control.spec import SPEC
from helms_msgs.msg import Observation, PolicyStatus
from helms_msgs.srv import LoadPolicy


@dataclass(frozen=True)
class LevelSettings:
    """Parameters of a level node."""

    bundle: str = setting("", "Folder of the bundle, with manifest.yaml and three ONNX files.")
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")


class LevelNode(ManagedNode):
    """Answers each observation as soon as the message of the level above for the same step has arrived.

    A subclass sets `LEVEL`, subscribes to the level above with `on_above` (or sets `ABOVE` to False), and publishes in
    `answer`. Repeated messages are answered again: a sender recovers a lost message by repeating its own.
    """

    SETTINGS = LevelSettings
    LEVEL: ClassVar[str]
    ABOVE: ClassVar[bool] = True

    def prepare(self) -> None:
        """Validate and load the bundle, and subscribe to observations."""
        self._bundle = self._load(self.settings.bundle)
        self._observation: Observation | None = None
        self._above: Any = None
        self._answered = self._refused = 0
        self._last_refusal, self._seconds, self._timed = "", 0.0, 0
        self._status = self.speak(PolicyStatus, "policy_status")
        self.connect()
        self.listen(Observation, "observation", self._on_observation)
        self._service = self.create_service(LoadPolicy, f"{self.get_name()}/load_policy", self._on_load)
        self.every(1.0, self._send_status)

    def connect(self) -> None:
        """Create the publisher, and the subscription to the level above."""
        raise NotImplementedError

    def use(self, bundle: Bundle) -> None:
        """Use this level of a validated bundle."""
        raise NotImplementedError

    def answer(self, observation: Observation, above: Any) -> None:  # noqa: ANN401 - message
        """Publish the answer to one observation; `above` is of the same step.

        Raises:
            HelmsError: `observation` or `above` violates the contract.
        """
        raise NotImplementedError

    def anticipate(self, observation: Observation, above: Any) -> None:  # noqa: ANN401 - message
        """Run the inference once with the last message from above, and discard the result.

        It fills the wait for the level above, and makes the answer itself four times as fast: after the 50 ms between
        two observations, its code and data are no longer in the processor's caches.
        """

    def release(self) -> None:
        """Destroy the service."""
        self.destroy_service(self._service)

    def report(self) -> tuple[str, dict[str, object]]:
        """Warn after a refusal."""
        numbers = {"bundle": self._bundle.folder, "answered": self._answered, "refused": self._refused}
        return (f"refused: {self._last_refusal}" if self._refused else ""), numbers

    def on_above(self, message: Any) -> None:  # noqa: ANN401 - message
        """Receive a message of the level above."""
        try:
            require_hash(message)
            if self._observation is not None and key_of(message) < key_of(self._observation):
                raise RefusedError(
                    f"{_place(key_of(message))} is over; the newest is {_place(key_of(self._observation))}"
                )
        except RefusedError as error:
            self._refuse(error)
            return
        self._above = message
        self._try()

    def _on_observation(self, observation: Observation) -> None:
        if not observation.last:
            self._observation = observation
            if not self._try() and self._above is not None:
                self._prepare_answer(observation)

    def _prepare_answer(self, observation: Observation) -> None:
        # Errors are reported when the observation is answered.
        with contextlib.suppress(HelmsError):
            self.anticipate(observation, self._above)

    def _try(self) -> bool:
        observation, above = self._observation, self._above
        if observation is None or (self.ABOVE and (above is None or key_of(above) != key_of(observation))):
            return False
        start = time.perf_counter()
        try:
            self.answer(observation, above)
        except HelmsError as error:
            self._refuse(error)
            return True
        self._seconds += time.perf_counter() - start
        self._timed += 1
        self._answered += 1
        return True

    def _refuse(self, error: HelmsError) -> None:
        self._refused += 1
        self._last_refusal = str(error)
        self.get_logger().warning(f"refused: {error}", throttle_duration_sec=1.0)

    def _load(self, folder: str) -> Bundle:
        if not folder:
            raise HelmsError(
                f"{self.get_name()} has no bundle; set its parameter `bundle` to a folder with a manifest.yaml"
            )
        bundle = load_bundle(Path(folder), (self.LEVEL,))
        self.use(bundle)
        return bundle

    def _on_load(self, request: LoadPolicy.Request, response: LoadPolicy.Response) -> LoadPolicy.Response:
        try:
            self._bundle = self._load(request.bundle)
        except HelmsError as error:
            response.message = str(error)
            return response
        response.success, response.message = True, f"loaded {request.bundle}"
        return response

    def _send_status(self) -> None:
        if not self.active:
            return
        status = PolicyStatus(
            level=self.LEVEL,
            bundle=str(self._bundle.folder),
            manifest_sha256=self._bundle.fingerprint,
            spec_hash=SPEC.hash,
            skills=self._bundle.manifest.skills,
            answered=self._answered,
            refused=self._refused,
            last_refusal=self._last_refusal,
            inference_us=1e6 * self._seconds / max(self._timed, 1),
        )
        status.header.stamp = self.get_clock().now().to_msg()
        self._seconds, self._timed = 0.0, 0
        self._status.publish(status)


def _place(key: Key) -> str:
    return f"step {key[1]} of episode {key[0]}"
