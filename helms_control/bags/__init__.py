"""Recordings: rosbag2 with MCAP, written and read through the rosbags library, without ROS."""

from helms_control.bags.check import check_bag, damages
from helms_control.bags.episodes import EpisodeRecord, read_episodes
from helms_control.bags.reader import Message, open_bag
from helms_control.bags.repair import Repaired, repair
from helms_control.bags.types import type_store
from helms_control.bags.writer import BagWriter

__all__ = [
    "BagWriter",
    "EpisodeRecord",
    "Message",
    "Repaired",
    "check_bag",
    "damages",
    "open_bag",
    "read_episodes",
    "repair",
    "type_store",
]
