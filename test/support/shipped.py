"""Recorded outputs of the shipped policies for ten steps; `python -m test.support.shipped` records them again.

Observations are every 40th of an episode of the demonstrator (object set 3, seed 77), so that objects are reached for,
held and stacked in them.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from helms_control.policy import Policy, load_bundle
from helms_control.policy.contract import FORMAT
from helms_control.policy.manifest import NAME
from helms_control.spec.task import roles_of
from helms_sim.objects import TRIPLETS, rgb_object

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "test/data/shipped_policies.npz"
POLICIES = sorted(path.name for path in (ROOT / "policies").iterdir() if path.is_dir())
SET, STEPS, EVERY = 3, 10, 40


def format_of(folder: Path) -> object:
    """Return the format of a bundle's manifest, whatever it is."""
    return yaml.safe_load((folder / NAME).read_text()).get("format")


OUTDATED = [name for name in POLICIES if format_of(ROOT / "policies" / name) != FORMAT]
"""Shipped policies that an earlier release exported."""
current = pytest.mark.skipif(
    bool(OUTDATED), reason=f"not of format {FORMAT}, and to be trained anew: {', '.join(OUTDATED)}"
)
"""Mark of tests that load the shipped policies."""


def observe() -> dict[str, "np.typing.NDArray[np.float32]"]:
    """Return proprioception (10, 3, 43) and objects (10, 3, 42)."""
    from helms_sim.env import StackEnv
    from helms_sim.rollout.actors import make_actor

    env = StackEnv(object_set=SET)
    seen, _ = env.reset(seed=77)
    driver = make_actor("expert", env)
    driver.reset(77)
    found = []
    for step in range(STEPS * EVERY):
        if not step % EVERY:
            found.append(seen)
        seen, *_ = env.step(driver.act(seen))
    return {name: np.array([each[name] for each in found]) for name in ("proprioception", "objects")}


def answer(name: str, observed: dict[str, "np.typing.NDArray[np.float32]"]) -> dict[str, np.ndarray]:
    """Return skills (10,), probabilities (10, K), latents (10, Z) and actions (10, 5) of a shipped policy."""
    policy = Policy(load_bundle(ROOT / "policies" / name))
    policy.begin([rgb_object(item).vertices for item in TRIPLETS[SET]], roles_of("red_on_blue"))
    steps = [policy(own, objects) for own, objects in zip(observed["proprioception"], observed["objects"], strict=True)]
    return {field: np.array([getattr(step, field) for step in steps]) for field in steps[0]._fields}


def main() -> None:
    """Record."""
    observed = observe()
    arrays = {f"{name}.{field}": value for name in POLICIES for field, value in answer(name, observed).items()}
    values: dict[str, Any] = {**observed, **arrays}
    np.savez_compressed(RECORDED, **values)
    print(f"wrote {RECORDED}")


if __name__ == "__main__":
    main()
