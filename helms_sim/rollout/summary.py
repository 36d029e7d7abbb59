"""Statistics of a set of episodes."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from helms_control.durable import whole_file
from helms_control.statistics import wilson_interval
from helms_sim.rollout.evaluation import Evaluation, Record


def summarise(evaluation: Evaluation, records: Sequence[Record]) -> dict[str, Any]:
    """Return success with its Wilson 95 % interval, mean return and mean steps to success."""
    successes = sum(record.success for record in records)
    low, high = wilson_interval(successes, len(records))
    times = [record.steps_to_success for record in records if record.steps_to_success is not None]
    return {
        "policy": evaluation.policy,
        "object_set": evaluation.object_set,
        "task": evaluation.task,
        "episodes": len(records),
        "seed": evaluation.seed,
        "randomisation": evaluation.randomisation,
        "noise": evaluation.noise,
        "success": successes / len(records),
        "success_low": low,
        "success_high": high,
        "return_mean": sum(record.episode_return for record in records) / len(records),
        "steps_to_success_mean": sum(times) / len(times) if times else None,
        "diverged": sum(record.reason != "time" for record in records),
    }


def write_table(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    """Write one line for each episode to a CSV file; a half-written file never carries the final name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as draft, draft.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
