"""Playback of a bag: messages are published as recorded, undecoded."""

import time
from importlib import import_module
from typing import Any

import rclpy
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.signals import SignalHandlerOptions
from tqdm import tqdm

from helms_control.bags.episodes import EVENTS, OBSERVATION, name_of
from helms_control.bags.reader import Bag
from helms_control.errors import HelmsError
from helms_control.nodes import qos

MATCH_S = 1.0
"""Time for discovery before the first message, s."""


def play(bag: Bag, topics: tuple[str, ...], speed: float, hz: float | None, start_s: float) -> int:
    """Publish the messages of a bag in their order.

    Args:
        bag: open.
        topics: to play; empty for all.
        speed: factor on the recorded speed.
        hz: control steps per second, instead of the recorded times of observations; None for those.
        start_s: offset in the recording, s.

    Returns:
        How many messages were published.

    Raises:
        HelmsError: the bag is damaged, or a message type is not installed.
    """
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = Node("player")
        publishers = {topic: _publisher(node, topic, kind) for topic, (kind, _) in _wanted(bag, topics).items()}
        time.sleep(MATCH_S)
        return _play(bag, publishers, speed, hz, start_s)
    finally:
        rclpy.shutdown()


def _play(bag: Bag, publishers: dict[str, Publisher[Any]], speed: float, hz: float | None, start_s: float) -> int:
    count, steps, first_ns, begun = 0, 0, None, time.monotonic()
    total = sum(number for topic, (_, number) in bag.topics.items() if topic in publishers)
    for message in tqdm(bag.messages(*publishers), total=total, unit="message", leave=False):
        first_ns = message.stamp_ns if first_ns is None else first_ns
        passed = 1e-9 * (message.stamp_ns - first_ns) - start_s
        if passed < 0.0:
            continue
        due = passed / speed
        if hz is not None:
            steps += name_of(message.topic) == OBSERVATION
            due = steps / hz / speed
        time.sleep(max(begun + due - time.monotonic(), 0.0))
        publishers[message.topic].publish(message.data)
        count += 1
    return count


def _wanted(bag: Bag, topics: tuple[str, ...]) -> dict[str, tuple[str, int]]:
    return {topic: what for topic, what in bag.topics.items() if not topics or topic in topics}


def _publisher(node: Node, topic: str, kind: str) -> Publisher[Any]:
    package, _, name = kind.partition("/msg/")
    try:
        found = getattr(import_module(f"{package}.msg"), name)
    except (ImportError, AttributeError) as error:
        raise HelmsError(f"{topic} is of type {kind}, which is not installed; leave it out with --topic") from error
    return node.create_publisher(found, topic, qos.LATCHED if name_of(topic) == EVENTS else qos.PATH)
