"""Messages of synthetic episodes, written into a bag."""

from typing import Any

import numpy as np

from helms_control.bags import BagWriter, type_store
from helms_control.spec import SPEC

STEP_NS = 50_000_000


def kind(name: str) -> Any:  # noqa: ANN401 - a message class
    return type_store().types[name]


def header(stamp_ns: int) -> Any:  # noqa: ANN401 - a message
    time = kind("builtin_interfaces/msg/Time")(sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9)
    return kind("std_msgs/msg/Header")(stamp=time, frame_id="")


def write(writer: BagWriter, topic: str, name: str, stamp_ns: int, **fields: object) -> None:
    message = kind(f"helms_msgs/msg/{name}")(header=header(stamp_ns), **fields)
    data = bytes(type_store().serialize_cdr(message, f"helms_msgs/msg/{name}"))
    writer.write(topic, f"helms_msgs/msg/{name}", stamp_ns, data)


def event(writer: BagWriter, number: int, what: int, stamp_ns: int, steps: int = 0, **changes: object) -> None:
    fields: dict[str, object] = {
        "seed": 10 + number,
        "driver": "expert",
        "task": "red_on_blue",
        "object_set": "4",
        "randomisation": "off",
        "objects": ["s0", "g5", "b6"],
        "spec_version": SPEC.version,
        "spec_hash": SPEC.hash,
        "success": what == 2,
        "episode_return": 2.5,
        "steps": steps,
        "reason": "time",
        "STARTED": 1,
        "FINISHED": 2,
        "ABORTED": 3,
    }
    write(writer, "/episode_events", "EpisodeEvent", stamp_ns, episode=number, kind=what, **(fields | changes))


def observe(writer: BagWriter, number: int, step: int, stamp_ns: int, **changes: object) -> None:
    rng = np.random.default_rng([number, step])
    fields: dict[str, object] = {
        "last": False,
        "spec_hash": SPEC.hash,
        "proprioception": rng.normal(size=129).astype(np.float32),
        "objects": rng.normal(size=126).astype(np.float32),
    }
    write(writer, "/observation", "Observation", stamp_ns, episode=number, step=step, **(fields | changes))


def episode(writer: BagWriter, number: int, steps: int = 5, skip: int = -1, end: bool = True, **changes: Any) -> None:  # noqa: ANN401
    at = number * 10**10
    event(writer, number, 1, at)
    for step in range(steps + 1):
        if step != skip:
            observe(writer, number, step, at + step * STEP_NS, **changes)
    if end:
        event(writer, number, 2, at + steps * STEP_NS + 1, steps)
        writer.episode_finished()
