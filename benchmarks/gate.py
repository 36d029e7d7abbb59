"""Regression test of success: the demonstrator and the shipped policies against their stated rates.

    make gate                                      # everything, 200 episodes a set, all cores
    python benchmarks/gate.py --only expert --episodes 20

Stated rates are in policies/*/manifest.yaml and benchmarks/gate.yaml. A set fails if its stated rate lies above the
Wilson 95 % interval of the measured one; by chance alone one set in forty does. The seeds are those of the stated
measurement, so that the same machine runs the same episodes.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tqdm import tqdm

from helms_control.policy import load_bundle
from helms_sim.evaluation import Evaluation, evaluate, summarise

ROOT = Path(__file__).parents[1]
LEAST = 0.5
"""A policy whose stated success is below this on every set is only loaded, not measured."""


@dataclass(frozen=True)
class Claim:
    """A stated success.

    Attributes:
        driver: expert, or the folder of a bundle.
        task: of the episodes.
        object_set: of the episodes.
        episodes: number of episodes.
        seed: of the first.
        success: share, 0 to 1.
    """

    driver: str
    task: str
    object_set: str
    episodes: int
    seed: int
    success: float


def claims(root: Path) -> Iterator[Claim]:
    """Yield the stated rates of the demonstrator and of every bundle; bundles are loaded and their hashes checked."""
    stated: dict[str, Any] = yaml.safe_load((root / "benchmarks/gate.yaml").read_text())
    for name, success in stated["expert"].items():
        yield Claim("expert", "red_on_blue", name, stated["episodes"], stated["seed"], success)
    for folder in sorted((root / "policies").iterdir()):
        entries = load_bundle(folder).manifest.success
        if max((entry["success"] for entry in entries), default=0.0) < LEAST:
            print(f"{folder.name}: loaded; its stated success is too low to be measured", file=sys.stderr)
            continue
        for entry in entries:
            numbers = (entry["episodes"], entry["seed"], entry["success"])
            yield Claim(str(folder), entry["task"], entry["object_set"], *numbers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every claim; return 1 if one does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only drivers whose name contains this")
    parser.add_argument("--episodes", type=int, default=0, help="number for each set instead of the stated one")
    given = parser.parse_args(arguments)
    wanted = [claim for claim in claims(ROOT) if given.only in claim.driver]
    if not wanted:
        parser.error(f"nothing is stated of {given.only!r}")
    begun, failed, rows = time.monotonic(), [], []
    with tqdm(total=sum(given.episodes or claim.episodes for claim in wanted), unit="episode") as bar:
        for claim in wanted:
            count = given.episodes or claim.episodes
            chosen = Evaluation(claim.driver, int(claim.object_set), claim.task, count, claim.seed)
            bar.set_description(f"{Path(claim.driver).name} {claim.object_set}")
            records = []
            for record in evaluate(chosen):
                records.append(record)
                bar.update()
            found = summarise(chosen, records)
            holds = found["success_high"] >= claim.success
            rows.append((claim, found, holds))
            failed += [] if holds else [claim]
    print("driver        set  stated  measured  Wilson 95 %")
    for claim, found, holds in rows:
        low, high = found["success_low"], found["success_high"]
        print(
            f"{Path(claim.driver).name:12s}  {claim.object_set:>3s}  {claim.success:6.1%}  {found['success']:8.1%}  "
            f"{low:.1%} to {high:.1%}{'' if holds else '   BELOW THE STATED RATE'}"
        )
    print(f"{time.monotonic() - begun:.0f} s; {len(failed)} of {len(rows)} below the stated rate")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
