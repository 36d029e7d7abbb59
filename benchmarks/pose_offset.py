"""Success of a policy whose object poses are all off by a constant height, as after a poor calibration.

    python benchmarks/pose_offset.py --policy policies/red_on_blue --object-sets 1 2 3 4 5 --episodes 100 --json

Only what the policy sees is off: +5 mm lets objects seem to float, -5 mm to sink into the floor.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from helms_control.spec import OBJECTS
from helms_control.statistics import wilson_interval
from helms_sim.env import Observation, StackEnv
from helms_sim.rollout.actors import PolicyActor
from helms_sim.rollout.pool import in_order
from helms_sim.rollout.rollout import rollout

HEIGHTS = [field.start + 2 for field in OBJECTS.slices.values()]
"""Columns of `objects` with a height: those of the poses and of the offsets from the pinch point."""


class Shifted(PolicyActor):
    """A policy that sees its objects higher by a constant."""

    offset = 0.0
    """m."""

    def act(self, observation: Observation) -> np.ndarray:
        """Return the action, (5,), for shifted objects."""
        objects = observation["objects"].copy()
        objects[:, HEIGHTS] += self.offset
        return super().act({**observation, "objects": objects})


_CELL: dict[str, tuple[StackEnv, Shifted]] = {}


def run(job: tuple[str, str, float, int]) -> bool:
    """Return the success of one episode."""
    policy, object_set, offset, seed = job
    if policy not in _CELL:
        env = StackEnv()
        _CELL[policy] = env, Shifted(env, Path(policy))
    env, actor = _CELL[policy]
    actor.offset = offset
    return rollout(env, actor, seed, {"object_set": object_set}).success


def main() -> None:
    """Print success for each object set and offset."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policy", default="policies/red_on_blue")
    parser.add_argument("--object-sets", nargs="+", default=["1", "2", "3", "4", "5"])
    parser.add_argument("--offsets", nargs="+", type=float, default=[-0.005, 0.0, 0.005], help="m")
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = []
    for object_set in given.object_sets:
        for offset in given.offsets:
            jobs = [(given.policy, object_set, offset, given.seed + i) for i in range(given.episodes)]
            done = tqdm(in_order(run, jobs, len(jobs)), total=len(jobs), desc=f"{object_set} {1e3 * offset:+.0f} mm")
            successes = sum(done)
            low, high = wilson_interval(successes, len(jobs))
            row = {"object_set": object_set, "offset_mm": 1e3 * offset, "success": successes / len(jobs)}
            rows.append({**row, "success_low": low, "success_high": high})
            print(
                f"set {object_set} {1e3 * offset:+4.0f} mm: {row['success']:.1%} ({low:.1%} to {high:.1%})",
                file=sys.stderr,
            )
    if given.json:
        print(json.dumps({"policy": given.policy, "seed": given.seed, "episodes": given.episodes, "rows": rows}))


if __name__ == "__main__":
    main()
