"""Recorded features of a few observations; `python -m test.control.features.recorded` records them again."""

from pathlib import Path

import numpy as np

from helms_control.features.features import FEATURES
from test.control.features.states import SETS, Array, States, alike, joined, states_of

RECORDED = Path(__file__).parents[2] / "data" / "features.npz"
EACH = 3
"""Observations of each object set."""


def is_clear(state: States) -> bool:
    """Whether no choice hangs on the rounding of a number, so that every machine computes the same features."""
    rng = np.random.default_rng(0)
    for features in FEATURES.values():
        expected = state.features(features, np.float64)
        for _ in range(5):
            noise = [1.0 + 3e-7 * rng.normal(size=part.shape) for part in state[:2]]
            near = States(state.proprioception * noise[0], state.objects * noise[1], state.vertices)
            both = zip(near.features(features), expected, strict=True)
            if any(alike(one, other, 1e-4) < 1.0 for one, other in both):
                return False
    return True


def clear_states() -> States:
    """Return observations of every object set."""
    chosen = []
    for object_set in SETS:
        found = states_of(object_set, 77)
        single = [States(found[0][i : i + 1], found[1][i : i + 1], found[2][i : i + 1]) for i in range(len(found[0]))]
        clear = [state for state in single if is_clear(state)]
        chosen += clear[:: max(1, len(clear) // EACH)][:EACH]
    return joined(chosen)


def load() -> tuple[States, dict[str, Array]]:
    """Return observations and features, by "<name>.robot", "<name>.scene" and "<name>.version"."""
    with np.load(RECORDED) as file:
        arrays = dict(file)
    own, objects, vertices, counts = (arrays.pop(name) for name in (*States._fields, "counts"))
    hulls = np.split(vertices, np.cumsum(counts.ravel())[:-1])
    return States(own, objects, tuple(tuple(hulls[3 * i : 3 * i + 3]) for i in range(len(own)))), arrays


def main() -> None:
    """Record."""
    states = clear_states()
    arrays: dict[str, Array] = {"proprioception": states.proprioception, "objects": states.objects}
    arrays["vertices"] = np.concatenate([hull for three in states.vertices for hull in three])
    arrays["counts"] = np.array([[len(hull) for hull in three] for three in states.vertices])
    for name, features in FEATURES.items():
        arrays[f"{name}.robot"], arrays[f"{name}.scene"] = states.features(features)
        arrays[f"{name}.version"] = np.array(features.version)
    np.savez_compressed(RECORDED, **arrays)  # type: ignore[arg-type]  # of numpy's stub: a flag has a type of its own
    print(f"wrote {len(states.proprioception)} observations to {RECORDED}")


if __name__ == "__main__":
    main()
