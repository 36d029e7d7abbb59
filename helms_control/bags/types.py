"""Message types for reading and writing bags without ROS."""

import os
import sys
from functools import cache, lru_cache
from pathlib import Path

from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from helms_control.errors import HelmsError

PACKAGE = "helms_msgs"


@cache
def type_store() -> Typestore:
    """Return ROS 2's types and our own.

    Raises:
        HelmsError: helms_msgs is not installed.
    """
    store = get_typestore(Stores.ROS2_KILTED)
    for path in sorted(_messages().glob("*.msg")):
        store.register(get_types_from_msg(path.read_text(), f"{PACKAGE}/msg/{path.stem}"))
    return store


@lru_cache(maxsize=64)
def types_of(kind: str, definition: bytes) -> Typestore:
    """Return a type, and those that it needs, by its definition in a bag.

    Raises:
        Exception: the definition is damaged, or not of ROS 2.
    """
    store = get_typestore(Stores.EMPTY)
    store.register(get_types_from_msg(definition.decode(), kind))
    return store


def _messages() -> Path:
    prefixes = [sys.prefix, *os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)]
    folders = [Path(prefix) / "share" / PACKAGE / "msg" for prefix in prefixes if prefix]
    for folder in folders:
        if folder.is_dir():
            return folder
    raise HelmsError(
        f"{PACKAGE} is not installed: none of {', '.join(map(str, folders))} exists; run make setup, or source the "
        "workspace that it was built in"
    )
