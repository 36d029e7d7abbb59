"""The contract's named streams, each with a version and a hash of its own.

Bags, datasets and bundles carry those of the streams that they hold or need, and only these are compared: a change of
one stream leaves everything valid that does not use it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from helms_control.spec.contract import ACTION, COLOURS, CONTROL_HZ, FRAMES, IMAGE_SHAPE, OBJECTS, PROPRIOCEPTION
from helms_control.spec.errors import SpecMismatchError
from helms_control.spec.layout import Layout

SHORT_HASH = 12


@dataclass(frozen=True)
class Stream:
    """One stream of the contract.

    Attributes:
        name: of the stream.
        version: semantic; raised with every change of the meaning.
        meaning: plain values that JSON can hold: everything that a reader has to know.
    """

    name: str
    version: str
    meaning: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """SHA-256 of name, version and meaning, 64 hexadecimal digits."""
        canonical = json.dumps([self.name, self.version, dict(self.meaning)], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _of_layout(name: str, version: str, layout: Layout, **more: object) -> Stream:
    fields = [[item.name, item.size, item.unit, item.frame, [*item.low], [*item.high]] for item in layout.fields]
    return Stream(name, version, {"fields": fields, "hz": CONTROL_HZ, **more})


STREAMS = MappingProxyType(
    {
        stream.name: stream
        for stream in (
            _of_layout("proprioception", "1.0.0", PROPRIOCEPTION, frames=FRAMES),
            _of_layout("objects", "1.0.0", OBJECTS, frames=FRAMES, order=[*COLOURS]),
            _of_layout("action", "1.0.0", ACTION),
            Stream("shapes", "1.0.0", {"hulls": [*COLOURS], "frame": "object", "unit": "m", "each": "episode"}),
            Stream("task", "1.0.0", {"roles": ["carried", "base", "other"], "each": "episode"}),
            Stream("image", "1.0.0", {"shape": [*IMAGE_SHAPE], "type": "uint8"}),
        )
    }
)
"""Streams by name."""


def stamps(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return version and hash of streams by name, as manifests carry them."""
    return {name: {"version": STREAMS[name].version, "hash": STREAMS[name].hash} for name in names}


def require_streams(needed: Mapping[str, Mapping[str, str]], source: str) -> None:
    """Require that this release has the streams of a bag, dataset or bundle.

    Args:
        needed: version and hash by name, from `stamps`.
        source: of the other side, for instance "bundle policies/set4".

    Raises:
        SpecMismatchError: a stream is unknown or different; both sides are named.
    """
    for name, other in needed.items():
        ours = STREAMS.get(name)
        if ours is None:
            raise SpecMismatchError(f"{source} needs the stream {name!r}; this release has {', '.join(STREAMS)}")
        if other.get("hash") != ours.hash:
            raise SpecMismatchError(
                f"{source} was made for stream {name} {other.get('version')} ({str(other.get('hash'))[:SHORT_HASH]}), "
                f"but this release has {ours.version} ({ours.hash[:SHORT_HASH]}); make it again with this release"
            )
