"""The contract as one value, with the version and hash that messages, bags and bundles carry."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from helms_control.spec.errors import ContractError, SpecMismatchError
from helms_control.spec.field import Field
from helms_control.spec.layout import Layout

SHORT_HASH = 12


@dataclass(frozen=True)
class Spec:
    """The contract between simulation, nodes, learning and driver.

    Attributes:
        version: semantic version; raise it whenever the hash changes.
        proprioception: the robot's own state.
        objects: poses of the objects.
        action: the action in physical units; its normalised form is in [-1, 1].
        frames: number of stacked observations, newest first.
        control_hz: control steps per second.
        episode_steps: control steps per episode.
        image_shape: height, width and channels of a camera image, uint8.
        colours: names of the objects, in their order everywhere.

    Raises:
        ContractError: a version that is not semantic, or a count below 1.
    """

    version: str
    proprioception: Layout
    objects: Layout
    action: Layout
    frames: int
    control_hz: int
    episode_steps: int
    image_shape: tuple[int, int, int]
    colours: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check version and counts."""
        if not re.fullmatch(r"\d+\.\d+\.\d+", self.version):
            raise ContractError(f"spec version {self.version!r} must be semantic, for instance '1.0.0'")
        counts = {"frames": self.frames, "control_hz": self.control_hz, "episode_steps": self.episode_steps}
        if min(*counts.values(), *self.image_shape) < 1:
            raise ContractError(f"a spec's counts must be 1 or more, got {counts}, image_shape {self.image_shape}")

    @cached_property
    def hash(self) -> str:
        """SHA-256, 64 hexadecimal digits, of version, fields (name, size, unit, frame, limits) and counts.

        Descriptions and paper names are excluded, so that wording can change without a new contract.
        """
        canonical = json.dumps(self._meaning(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()

    @property
    def label(self) -> str:
        """Version and first 12 digits of the hash."""
        return f"{self.version} ({self.hash[:SHORT_HASH]})"

    def to_dict(self) -> dict[str, Any]:
        """Return the whole contract, its hash and its descriptions as plain values that JSON can hold."""
        layouts = {"proprioception": self.proprioception, "objects": self.objects, "action": self.action}
        described = {name: [asdict(field) for field in layout.fields] for name, layout in layouts.items()}
        return self._meaning() | described | {"hash": self.hash}

    def require_same(self, version: str, hash: str, source: str) -> None:
        """Require the version and hash of this contract.

        Args:
            version: version of the other side.
            hash: hash of the other side.
            source: name of the other side, for instance "bundle policies/set4".

        Raises:
            SpecMismatchError: version or hash differs; both sides are named.
        """
        if (version, hash) != (self.version, self.hash):
            raise SpecMismatchError(
                f"{source} was made for spec {version} ({hash[:SHORT_HASH]}), but this helms uses spec {self.label}; "
                "use the release of helms that made it, or make it again with this one"
            )

    def _meaning(self) -> dict[str, Any]:
        """Return the hashed content."""
        return {
            "version": self.version,
            "proprioception": [_meaning(field) for field in self.proprioception.fields],
            "objects": [_meaning(field) for field in self.objects.fields],
            "action": [_meaning(field) for field in self.action.fields],
            "frames": self.frames,
            "control_hz": self.control_hz,
            "episode_steps": self.episode_steps,
            "image_shape": list(self.image_shape),
            "colours": list(self.colours),
        }


def _meaning(field: Field) -> dict[str, Any]:
    """Return the hashed content of one field; limits as floats, because 1 and 1.0 are the same limit."""
    return {
        "name": field.name,
        "size": field.size,
        "unit": field.unit,
        "frame": field.frame,
        "low": [float(value) for value in field.low],
        "high": [float(value) for value in field.high],
    }
