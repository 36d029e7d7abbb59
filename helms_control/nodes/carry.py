"""Features in messages: written by the first level of a policy, read by the levels below it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.nodes.convert import RefusedError, floats, numbers
from helms_control.policy import Bundle, Seen

_NONE: npt.NDArray[np.float32] = np.zeros(0, np.float32)


def carry(seen: Seen, bundle: Bundle, *names: str) -> Mapping[str, Any]:
    """Return the fields of a message that carry features on, by name."""
    fields: dict[str, Any] = {name: floats(getattr(seen, name)) for name in names}
    return fields | {"features_hash": bundle.manifest.features.hash}


def carried(message: Any, bundle: Bundle) -> Seen:  # noqa: ANN401 - skill selection or latent
    """Return the features that a message carries; `scene` is empty below the mid level.

    Raises:
        RefusedError: other features than the bundle's, a wrong length, or a number that is not finite.
    """
    manifest = bundle.manifest
    if message.features_hash != manifest.features.hash:
        raise RefusedError(
            f"message of features {message.features_hash[:12] or '(none)'}, but the bundle {bundle.folder} "
            f"was trained on {manifest.features.name} ({manifest.features.hash[:12]}); load the same bundle in "
            "all levels"
        )
    scene = numbers(message.scene, "scene", manifest.sizes["S"]) if hasattr(message, "scene") else _NONE
    return Seen(numbers(message.robot, "robot", manifest.sizes["R"]), scene)
