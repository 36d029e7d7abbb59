"""Recorder node: writes the messages of the graph's topics, undecoded, into a bag."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseStamped, TwistStamped, WrenchStamped
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image, JointState

from helms_control.bags import BagWriter
from helms_control.errors import HelmsError
from helms_control.nodes import qos
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.parameters import setting
from helms_control.spec import COLOURS
from helms_msgs.msg import (
    Action,
    CellState,
    Commanded,
    EpisodeEvent,
    Latent,
    Observation,
    Progress,
    Setup,
    SkillSelection,
)
from helms_msgs.srv import Record

OWN: dict[str, type[Any]] = {
    "setup": Setup,
    "observation": Observation,
    "skill": SkillSelection,
    "latent": Latent,
    "action": Action,
    "commanded": Commanded,
    "progress": Progress,
    "cell_state": CellState,
}
STANDARD: dict[str, type[Any]] = {
    "joint_states": JointState,
    "tcp_pose": PoseStamped,
    "tcp_twist": TwistStamped,
    "wrench": WrenchStamped,
    **{f"objects/{colour}/pose": PoseStamped for colour in COLOURS},
    "camera/image": Image,
    "/diagnostics": DiagnosticArray,
}
EVENTS = "episode_events"
SETTLE_S = 0.1
"""Delay of a second flush after an episode's end event, whose last messages may arrive after it, s."""


@dataclass(frozen=True)
class RecorderSettings:
    """Parameters of the recorder."""

    bag: str = setting("", "Folder of the bag to record from the start; empty waits for the service `record`.")
    standard: bool = setting(True, "Record the standard messages, too: joint states, poses, wrench, images.")
    split_mib: int = setting(
        512, "Size beyond which the bag's file is closed at the end of an episode and a new one begun, MiB.", 1, 8192
    )
    autostart: bool = setting(False, "Configure and activate without a lifecycle manager.")


class RecorderNode(ManagedNode):
    """Writes one bag at a time; an unfinished recording of the same name is repaired and continued."""

    SETTINGS = RecorderSettings
    BEAT_S = 0.02

    def prepare(self) -> None:
        """Subscribe to every recorded topic as serialised bytes."""
        self._writer: BagWriter | None = None
        self._trouble, self._messages, self._episodes, self._flush_at = "", 0, 0, 0.0
        for topic, kind in OWN.items():
            self._hear(topic, kind, qos.RECORD)
        for topic, kind in STANDARD.items() if self.settings.standard else ():
            self._hear(topic, kind, qos.RECORD_NEW)
        self._hear(EVENTS, EpisodeEvent, qos.LATCHED)
        self._service = self.create_service(Record, "record", self._on_record)
        self.every(SETTLE_S / 2, self._settle)

    def begin(self) -> None:
        """Open the bag that the parameters name."""
        if self.settings.bag:
            try:
                self._open(Path(self.settings.bag))
            except HelmsError as error:
                self._fail(error)

    def pause(self) -> None:
        """Close the bag."""
        try:
            self._close()
        except HelmsError as error:
            self.get_logger().error(str(error))

    def release(self) -> None:
        """Destroy the service."""
        self.destroy_service(self._service)

    def report(self) -> tuple[str, dict[str, object]]:
        """Return the error that stopped the recording, and the counters."""
        bag = self._writer.folder if self._writer is not None else ""
        return self._trouble, {"bag": bag, "messages": self._messages, "episodes": self._episodes}

    def waiting_for(self) -> str:
        """Name what is missing for readiness: an open bag."""
        return self._trouble or super().waiting_for() or ("" if self._writer is not None else "a bag to write")

    def _hear(self, topic: str, kind: type[Any], profile: QoSProfile) -> None:
        module = kind.__module__.partition(".")[0]
        name = self.resolve_topic_name(topic)
        write = partial(self._write, name, f"{module}/msg/{kind.__name__}", topic == EVENTS)
        self.listen(kind, topic, write, profile, needed=topic == "observation", raw=True)

    def _write(self, topic: str, kind: str, event: bool, message: bytes) -> None:
        if self._writer is None:
            return
        try:
            self._writer.write(topic, kind, time.time_ns(), message)
            self._messages += 1
            if event and deserialize_message(message, EpisodeEvent).kind != EpisodeEvent.STARTED:
                self._episodes += 1
                self._writer.episode_finished()
                self._flush_at = time.monotonic() + SETTLE_S
        except HelmsError as error:
            self._fail(error)

    def _settle(self) -> None:
        if self._writer is not None and self._flush_at and time.monotonic() > self._flush_at:
            self._flush_at = 0.0
            try:
                self._writer.flush()
            except HelmsError as error:
                self._fail(error)

    def _fail(self, error: HelmsError) -> None:
        """Stop writing; the heartbeat then reports "not ready", which holds the arm."""
        self._trouble, writer, self._writer = str(error), self._writer, None
        self.get_logger().error(f"recording stopped: {error}")
        if writer is not None:
            writer.abort()

    def _open(self, folder: Path) -> None:
        self._writer = BagWriter(folder, self.settings.split_mib * 2**20, resume=True)
        self._messages = self._episodes = 0
        self._trouble = ""
        self.get_logger().info(f"recording {folder}")

    def _close(self) -> Path | None:
        writer, self._writer = self._writer, None
        if writer is None:
            return None
        folder = writer.close()
        self.get_logger().info(f"wrote {folder}: {self._messages} messages, {self._episodes} episodes")
        return folder

    def _on_record(self, request: Record.Request, response: Record.Response) -> Record.Response:
        try:
            if request.record == (self._writer is not None):
                raise HelmsError("already recording; stop first" if request.record else "nothing is being recorded")
            if request.record:
                self._open(Path(request.bag or time.strftime("bags/%Y-%m-%d_%H-%M-%S")))
                folder: Path | None = self._writer.folder if self._writer is not None else None
            else:
                folder = self._close()
        except HelmsError as error:
            response.message = str(error)
            return response
        response.success, response.bag, response.episodes = True, str(folder), self._episodes
        return response
