"""Stack on an emulated Sawyer and, from the same start states, in the plain simulation.

    python benchmarks/robot_stack.py [--policy expert] [--object-set 4] [--episodes 50] [--seed 1000] [--log FILE]

Every action passes through the whole chain: the driver's observation, policy (the demonstrator, or the three levels of
a bundle in separate processes), driver, safety layer, TCPROS and Modbus, emulated robot; in real time, 21 s an episode.
--log stores every finished episode; those already in the file are not run again. Needs the distribution's ROS 1. The
last line is one JSON object.
"""

import argparse
import json
import logging
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from helms_control.output import echo_json
from helms_control.statistics import wilson_interval
from helms_sim.benchmark.stacking import EXPERT, StackingRig
from helms_sim.env import StackEnv
from helms_sim.rollout.actors import make_actor
from helms_sim.rollout.rollout import rollout

DOMAIN = 96


def main() -> None:
    """Run the episodes and print the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policy", default=EXPERT, help="expert, or the folder of a bundle")
    parser.add_argument("--object-set", type=int, default=4)
    parser.add_argument("--episodes", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1000, help="seed of the first episode; one more for each next one")
    parser.add_argument("--log", type=Path, help="JSON Lines file, from which an interrupted run is continued")
    options = parser.parse_args()
    # Both ends of the links run in this process: warnings at shutdown are expected.
    logging.disable(logging.WARNING)
    seeds = range(options.seed, options.seed + options.episodes)
    done = read(options.log)
    if missing := [seed for seed in seeds if seed not in done]:
        run(options, missing, done)
    rows = [done[seed] for seed in seeds]
    found = {name: counted([bool(row[name]) for row in rows]) for name in ("success", "plain_success")}
    held = sum(sum(row["held"].values()) for row in rows)
    for name, (share, low, high) in found.items():
        print(f"{name:14s} {100 * share:5.1f} %  (95 %: {100 * low:.1f} to {100 * high:.1f})")
    echo_json(
        {"policy": options.policy, "object_set": options.object_set, "episodes": len(rows), "seed": options.seed}
        | {name: share for name, (share, _, _) in found.items()}
        | {"held_steps": held, "timeouts": sum(row["timeouts"] for row in rows)}
    )


def run(options: argparse.Namespace, seeds: list[int], done: dict[int, dict[str, Any]]) -> None:
    """Run an episode of each seed, on the robot and in the plain simulation, and add the results to `done`."""
    env = StackEnv(object_set=options.object_set)
    plain = make_actor(options.policy, env)
    with (
        tempfile.TemporaryDirectory() as folder,
        StackingRig(Path(folder), DOMAIN, options.policy, options.object_set) as rig,
    ):
        for seed in seeds:
            row = asdict(rig.run(seed)) | {"plain_success": rollout(env, plain, seed).success}
            done[seed] = row
            print(json.dumps(row), flush=True)
            if options.log is not None:
                with options.log.open("a") as log:
                    log.write(json.dumps(row) + "\n")


def read(log: Path | None) -> dict[int, dict[str, Any]]:
    """Return the episodes stored in a file, by seed."""
    lines = log.read_text().splitlines() if log is not None and log.exists() else []
    rows = [json.loads(line) for line in lines]
    return {row["seed"]: row for row in rows}


def counted(outcomes: list[bool]) -> tuple[float, float, float]:
    """Return the share of successes and its 95 % interval."""
    return sum(outcomes) / len(outcomes), *wilson_interval(sum(outcomes), len(outcomes))


if __name__ == "__main__":
    main()
