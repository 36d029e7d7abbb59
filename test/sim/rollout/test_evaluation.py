"""Evaluation: records, summaries, and independence from the number of workers."""

import csv
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from helms_control.errors import HelmsError
from helms_sim.env import StackEnv
from helms_sim.rollout.actors import make_actor
from helms_sim.rollout.evaluation import Evaluation, Record, evaluate
from helms_sim.rollout.rollout import rollout
from helms_sim.rollout.summary import summarise, write_table

RECORDS = [
    Record(5, True, 200.0, 400, 150, 5, "time"),
    Record(6, False, 50.0, 400, None, 3, "time"),
    Record(7, True, 100.0, 400, 250, 5, "time"),
    Record(8, False, 10.0, 30, None, 1, "the physics diverged"),
]


def test_results_do_not_depend_on_the_number_of_workers() -> None:
    evaluation = Evaluation(policy="random", episodes=3, seed=20)
    assert list(evaluate(evaluation, workers=1)) == list(evaluate(evaluation, workers=2))


def test_the_demonstrator_is_repeatable() -> None:
    env = StackEnv()
    first, second = (Record.of(rollout(env, make_actor("expert", env, 0.2), 1)) for _ in range(2))
    assert first == second
    assert first.steps == 400


def test_steps_to_success_count_only_the_success_that_lasts() -> None:
    env = StackEnv()
    record = Record.of(rollout(env, make_actor("expert", env), 1))
    assert record.success
    assert record.steps_to_success is not None
    assert 60 < record.steps_to_success < 400


def test_a_summary_by_hand() -> None:
    summary = summarise(Evaluation(episodes=4, seed=5), RECORDS)
    assert summary["success"] == 0.5
    # Wilson, 2 of 4 at 95 %: centre 0.5, half width 1.96 sqrt(0.0625 + 1.96^2 / 64) / (1 + 1.96^2 / 4) = 0.35.
    assert summary["success_low"] == pytest.approx(0.15, abs=0.001)
    assert summary["success_high"] == pytest.approx(0.85, abs=0.001)
    assert summary["return_mean"] == 90.0
    assert summary["steps_to_success_mean"] == 200.0
    assert summary["diverged"] == 1


def test_random_actions_are_held_and_seeded() -> None:
    env = StackEnv()
    observation, _ = env.reset(seed=0)
    actor = make_actor("random", env)
    actor.reset(3)
    actions = np.array([actor.act(observation) for _ in range(20)])
    assert np.ptp(actions[:10], axis=0).max() == 0.0
    assert not np.array_equal(actions[9], actions[10])
    actor.reset(3)
    np.testing.assert_array_equal(actor.act(observation), actions[0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"policy": "human"}, "unknown policy 'human'; choose one of: expert, random"),
        ({"episodes": 0}, "got 0 episodes"),
        ({"noise": 2.0}, "noise 2.0; allowed are"),
        ({"task": "x"}, "unknown task 'x'"),
    ],
)
def test_contradictions_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(HelmsError, match=message):
        Evaluation(**change)  # type: ignore[arg-type]


def test_records_are_written_whole(tmp_path: Path) -> None:
    write_table([asdict(record) for record in RECORDS], tmp_path / "new" / "records.csv")
    with (tmp_path / "new" / "records.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["seed"] for row in rows] == ["5", "6", "7", "8"]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["records.csv"]
