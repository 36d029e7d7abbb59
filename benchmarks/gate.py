"""The success gate: demonstrator and shipped policies must succeed as often as stated.

    make gate                                                # everything, 200 episodes a set, all cores
    python benchmarks/gate.py --only expert --episodes 20

Stated numbers are in policies/*/manifest.yaml and, for the demonstrator, in benchmarks/gate.yaml. Every object set of
a policy is compared, and all its sets together. A row fails if the Wilson 95 % interval of its measured success lies
below that of the stated one. Both are samples: on another type of machine rounding leads to other episodes, and an
unchanged policy would miss its stated number alone by chance, in 10 to 16 % of sets of 200 episodes. The two intervals
miss each other by chance in 0.1 to 0.3 % of rows, and in 2.5 % of gates. A loss of 10 points in one set is found with a
probability of 55 to 85 %, a loss of 5 points in all sets with 79 to 96 %. Seeds are those of the stated measurement:
the same type of machine runs the very same episodes.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from tqdm import tqdm

from helms_control.policy import load_bundle
from helms_control.statistics import wilson_interval
from helms_sim.rollout.evaluation import Evaluation, evaluate

ROOT = Path(__file__).parents[1]
LEAST = 0.5
"""A policy that states less than this on every set is not made for the task: it is loaded, and not measured."""


@dataclass(frozen=True)
class Rate:
    """Successes of a number of episodes."""

    successes: int
    episodes: int

    def __add__(self, other: "Rate") -> "Rate":
        """Return the rate of both together."""
        return Rate(self.successes + other.successes, self.episodes + other.episodes)

    def __str__(self) -> str:
        """Return the percentage and its interval."""
        low, high = self.interval
        return f"{self.successes / self.episodes:.1%} ({low:.1%} to {high:.1%})"

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson 95 % interval."""
        return wilson_interval(self.successes, self.episodes)


@dataclass(frozen=True)
class Row:
    """A stated and a measured success.

    Attributes:
        policy: expert, or the name of a bundle.
        object_set: of the episodes, or all.
        stated: as the manifest or gate.yaml says.
        measured: now.
    """

    policy: str
    object_set: str
    stated: Rate
    measured: Rate

    @property
    def fails(self) -> bool:
        """Whether the interval of the measured success lies below that of the stated one."""
        return self.measured.interval[1] < self.stated.interval[0]


def stated(root: Path) -> Iterator[tuple[Evaluation, Rate]]:
    """Yield what demonstrator and bundles state; every bundle is loaded and checked against its hashes."""
    expert: dict[str, Any] = yaml.safe_load((root / "benchmarks/gate.yaml").read_text())
    for name, success in expert["success"].items():
        yield _stated("expert", {**expert, "object_set": name, "success": success})
    for folder in sorted(path for path in (root / "policies").iterdir() if path.is_dir()):
        entries = load_bundle(folder).manifest.success
        best = max((entry["success"] for entry in entries), default=0.0)
        if best < LEAST:
            print(f"{folder.name}: loads, its hashes are right; it states {best:.0%} success at best: not measured")
            continue
        yield from (_stated(str(folder), entry) for entry in entries)


def _stated(policy: str, entry: Mapping[str, Any]) -> tuple[Evaluation, Rate]:
    episodes = int(entry["episodes"])
    chosen = Evaluation(policy, int(entry["object_set"]), entry["task"], episodes, entry["seed"])
    return chosen, Rate(round(entry["success"] * episodes), episodes)


def measure(wanted: Sequence[tuple[Evaluation, Rate]]) -> Iterator[Row]:
    """Run all episodes; yield the row of each set."""
    with tqdm(total=sum(chosen.episodes for chosen, _ in wanted), unit="episode") as bar:
        for chosen, claim in wanted:
            name = Path(chosen.policy).name
            bar.set_description(f"{name} {chosen.object_set}")
            successes = 0
            for record in evaluate(chosen):
                successes += record.success
                bar.update()
            yield Row(name, str(chosen.object_set), claim, Rate(successes, chosen.episodes))


def totals(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the row of all sets of each policy."""
    for policy in dict.fromkeys(row.policy for row in rows):
        own = [row for row in rows if row.policy == policy]
        nothing = Rate(0, 0)
        yield Row(policy, "all", sum((r.stated for r in own), nothing), sum((r.measured for r in own), nothing))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything that is stated; return 1 if a row fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only policies with this in their name")
    parser.add_argument("--episodes", type=int, help="episodes a set, instead of the stated number")
    given = parser.parse_args(arguments)
    wanted = [claim for claim in stated(ROOT) if given.only in Path(claim[0].policy).name]
    if not wanted:
        parser.error(f"no policy with a stated success has {given.only!r} in its name")
    if given.episodes is not None and given.episodes < 1:
        parser.error(f"--episodes must be 1 or more, got {given.episodes}")
    wanted = [(replace(chosen, episodes=given.episodes or chosen.episodes), rate) for chosen, rate in wanted]
    begun, rows = time.monotonic(), list(measure(wanted))
    rows += totals(rows)
    print(f"{'policy':12s}  set  {'stated (Wilson 95 %)':24s}  measured")
    for row in rows:
        print(f"{row.policy:12s}  {row.object_set:3s}  {row.stated!s:24s}  {row.measured}{'   FAILS' * row.fails}")
    failed = [row for row in rows if row.fails]
    for row in failed:
        print(
            f"{row.policy} on object set {row.object_set} is worse than stated: {row.measured} of "
            f"{row.measured.episodes} episodes succeeded, stated are {row.stated} of {row.stated.episodes}"
        )
    print(f"{len(failed)} of {len(rows)} rows fail; {time.monotonic() - begun:.0f} s")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
