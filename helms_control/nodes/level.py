"""Base class of the nodes of a policy's levels: bundle, load service, features of the first level, refusal counts."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from helms_control.errors import HelmsError
from helms_control.nodes import qos
from helms_control.nodes.carry import carried, carry
from helms_control.nodes.convert import Key, RefusedError, frames_of, key_of, require_hash
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.parameters import setting
from helms_control.nodes.setup import shapes_of
from helms_control.policy import Bundle, Perception, Seen, load_level
from helms_control.spec import SPEC
from helms_msgs.msg import Observation, PolicyStatus, Setup
from helms_msgs.srv import LoadPolicy


@dataclass(frozen=True)
class LevelSettings:
    """Parameters of a level node."""

    bundle: str = setting("", "Folder of the bundle, with manifest.yaml and its ONNX files.")
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")


class LevelNode(ManagedNode):
    """Answers each message from above: for the first level of a policy the observation, else that of the level above.

    The first level computes the features; its message carries them on. Repeated messages are answered again: a sender
    recovers a lost message by repeating its own.

    A subclass sets `LEVEL` and, where there may be a level above, `ABOVE`; it publishes in `answer`.
    """

    SETTINGS = LevelSettings
    LEVEL: ClassVar[str]
    ABOVE: ClassVar[tuple[type[Any], str] | None] = None

    def prepare(self) -> None:
        """Validate and load the bundle, and subscribe to what is answered."""
        self._use(self._load(self.settings.bundle))
        self._newest: Key = (0, 0)
        self._setup: Setup | None = None
        self._waiting: Observation | None = None
        self._answered = self._refused = 0
        self._last_refusal, self._seconds, self._timed = "", 0.0, 0
        self._status = self.speak(PolicyStatus, "policy_status")
        self.connect()
        if self.is_first:
            self.listen(Setup, "setup", self._on_setup, qos.SETUP)
            self.listen(Observation, "observation", self._on_observation)
        else:
            assert self.ABOVE is not None  # for the type checker: only a first level has none
            self.listen(*self.ABOVE, self._on_above)
        self._service = self.create_service(LoadPolicy, f"{self.get_name()}/load_policy", self._on_load)
        self.every(1.0, self._send_status)

    @property
    def is_first(self) -> bool:
        """Whether this level answers the observation."""
        return self._bundle.manifest.levels[0] == self.LEVEL

    def connect(self) -> None:
        """Create the publisher."""
        raise NotImplementedError

    def use(self, bundle: Bundle) -> None:
        """Use this level of a validated bundle."""
        raise NotImplementedError

    def answer(self, source: Any, seen: Seen) -> None:  # noqa: ANN401 - message
        """Publish the answer to one message.

        Args:
            source: observation, or message of the level above.
            seen: features; `scene` is empty below the mid level.

        Raises:
            HelmsError: `source` violates the contract.
        """
        raise NotImplementedError

    def release(self) -> None:
        """Destroy the service."""
        self.destroy_service(self._service)

    def report(self) -> tuple[str, dict[str, object]]:
        """Warn after a refusal, and while the setup of an episode is missing."""
        numbers = {"bundle": self._bundle.folder, "answered": self._answered, "refused": self._refused}
        waits = f"waits for the setup of episode {self._waiting.episode}" if self._waiting is not None else ""
        refused = f"refused: {self._last_refusal}" if self._refused else ""
        return "; ".join(filter(None, (waits, refused))), numbers

    def features(self, seen: Seen, *names: str) -> Mapping[str, Any]:
        """Return the fields of a message that carry features on, by name."""
        return carry(seen, self._bundle, *names)

    def _on_setup(self, setup: Setup) -> None:
        self._setup, self._begun = setup, False
        if self._waiting is not None:
            self._on_observation(self._waiting)

    def _on_observation(self, observation: Observation) -> None:
        self._waiting = None
        if observation.last:
            return
        if self._setup is None or self._setup.episode != observation.episode:
            # The setup comes on another topic, and may be later.
            self._waiting = observation
            return
        self._timely(observation, self._see)

    def _on_above(self, message: Any) -> None:  # noqa: ANN401 - message
        self._timely(message, partial(carried, bundle=self._bundle))

    def _timely(self, message: Any, see: Any) -> None:  # noqa: ANN401 - message and method
        start = time.perf_counter()
        try:
            require_hash(message)
            if key_of(message) < self._newest:
                raise RefusedError(f"{_place(key_of(message))} is over; the newest is {_place(self._newest)}")
            self._newest = key_of(message)
            self.answer(message, see(message))
        except HelmsError as error:
            self._refuse(error)
            return
        self._seconds += time.perf_counter() - start
        self._timed += 1
        self._answered += 1

    def _see(self, observation: Observation) -> Seen:
        assert self._setup is not None  # for the type checker: `_on_observation` waits for it
        if not self._begun:
            shapes = shapes_of(self._setup) if self._perception.needs_shapes else ()
            self._perception.begin(shapes, [int(role) for role in self._setup.roles])
            self._begun = True
        return self._perception(*frames_of(observation))

    def _refuse(self, error: HelmsError) -> None:
        self._refused += 1
        self._last_refusal = str(error)
        self.get_logger().warning(f"refused: {error}", throttle_duration_sec=1.0)

    def _load(self, folder: str) -> Bundle:
        if not folder:
            raise HelmsError(
                f"{self.get_name()} has no bundle; set its parameter `bundle` to a folder with a manifest.yaml"
            )
        return load_level(Path(folder), self.LEVEL)

    def _use(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._begun = False
        if self.is_first:
            self._perception = Perception(bundle)
        self.use(bundle)

    def _on_load(self, request: LoadPolicy.Request, response: LoadPolicy.Response) -> LoadPolicy.Response:
        ours = self._bundle.manifest.levels
        try:
            bundle = self._load(request.bundle)
            if bundle.manifest.levels != ours:
                raise HelmsError(
                    f"{request.bundle} has the levels {', '.join(bundle.manifest.levels)}, this graph runs "
                    f"{', '.join(ours)}; start the graph anew with it"
                )
        except HelmsError as error:
            response.message = str(error)
            return response
        self._use(bundle)
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
