"""Episodes from bags."""

from collections.abc import Iterator
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.bags import open_bag
from helms_control.bags.episodes import ACTION, COMMANDED, EVENTS, OBSERVATION, EpisodeRecord, name_of, stream
from helms_control.spec import ACTION as ACTION_LAYOUT
from helms_control.spec import FRAMES, OBJECTS, PROPRIOCEPTION, SPEC
from helms_control.spec.task import steps_of
from helms_learning.datasets.episode import CUT, TIME, DatasetError, Episode, Meta
from helms_sim.objects import rgb_object

PROGRESS = "progress"
_TOPICS = (EVENTS, OBSERVATION, ACTION, COMMANDED, PROGRESS)


def read_bag(folder: Path) -> Iterator[Episode]:
    """Yield the finished episodes of a bag, or of a single .mcap file, in order.

    In a control step in which the arm was held, the executed action is zero.

    Raises:
        DatasetError: the bag holds no episode, one without all its steps, or one of another contract.
        HelmsError: the bag was not closed, or is damaged.
    """
    count = 0
    with open_bag(folder) as bag:
        wanted = [topic for topic in bag.topics if name_of(topic) in _TOPICS]
        for record in stream(bag.messages(*wanted), keep=True):
            if record.finished:
                yield _episode(record, folder)
                count += 1
    if not count:
        raise DatasetError(f"{folder} holds no episode that ran to its end; look at it with helms bag info {folder}")


def _episode(record: EpisodeRecord, folder: Path) -> Episode:
    where = f"{folder}, episode {record.number}"
    if record.spec_hash != SPEC.hash:
        raise DatasetError(
            f"{where} is of spec {record.spec_hash[:12] or '(none)'}, but this release speaks spec {SPEC.label}; "
            "record it anew, or build with the release that recorded it"
        )
    seen, acted, progress = (record.kept[name] for name in (OBSERVATION, ACTION, PROGRESS))
    missing = sorted(set(range(record.steps)) - seen.keys() | set(range(1, record.steps + 1)) - progress.keys())
    if missing:
        raise DatasetError(
            f"{where} lacks what was seen at {len(missing)} steps, the first is {missing[0]}; leave it out"
        )
    observed = range(record.steps + (record.steps in seen))  # the last observation follows the last action
    own = np.array([_newest(seen[t].proprioception, PROPRIOCEPTION.size, where) for t in observed])
    objects = np.array([_newest(seen[t].objects, OBJECTS.size, where) for t in observed])
    actions = np.zeros((record.steps, ACTION_LAYOUT.size))
    expert_action = np.zeros_like(actions)
    carried_out = record.carried_out
    for step in carried_out & acted.keys():
        actions[step] = acted[step].action
        shown = _expert_action(acted[step])
        expert_action[step] = shown if len(shown) else acted[step].action
    meta = Meta(
        record.seed,
        record.driver,
        record.task,
        record.object_set,
        record.randomisation,
        record.objects,
        record.success,
        record.episode_return,
        noise=nan,  # a bag does not record it
        source=folder.name,
        ended=TIME if record.steps == steps_of(record.task) else CUT,
    )
    rewards = np.array([progress[t + 1].reward for t in range(record.steps)])
    stages = np.array([progress[t + 1].stage for t in range(record.steps)], np.uint8)
    shapes = tuple(rgb_object(name).vertices for name in record.objects)
    return Episode(own, objects, actions, expert_action, rewards, stages, meta, shapes)


def _expert_action(message: Any) -> Any:  # noqa: ANN401 - a message
    """Return the demonstrator's action; before version 0.2 its field was called `intended`."""
    return message.expert_action if hasattr(message, "expert_action") else message.intended


def _newest(values: Any, size: int, where: str) -> npt.NDArray[np.float32]:  # noqa: ANN401 - a sequence field
    stacked = np.asarray(values, np.float32)
    if stacked.size != FRAMES * size:
        raise DatasetError(f"{where}: an observation has {stacked.size} numbers; the contract wants {FRAMES * size}")
    return stacked[:size]
