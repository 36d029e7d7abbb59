import json
from pathlib import Path

import pytest

from helms_control.episodes import Ledger, Outcome, Request, Schedule, Tally, object_sets_of
from helms_control.errors import HelmsError

OUTCOME = Outcome(1, True, 12.5, 400, 200, "time", True)


def test_a_tally_adds_each_step_once() -> None:
    tally = Tally(3)
    for step, reward in ((0, 0.0), (1, 0.25), (1, 0.25), (2, 0.5)):
        tally.add(step, reward, 1, False)
    assert tally.outcome("time", True) == Outcome(3, False, 0.75, 2, None, "time", True)


def test_success_counts_from_where_it_lasted_to_the_end() -> None:
    tally = Tally(1)
    for step, success in enumerate((False, True, False, True, True)):
        tally.add(step, 1.0, 5, success)
    assert tally.outcome("time", True).steps_to_success == 3


def test_an_aborted_episode_is_no_success() -> None:
    tally = Tally(1)
    tally.add(1, 1.0, 5, True)
    outcome = tally.outcome("simulation is silent", False, missed=7)
    assert (outcome.success, outcome.steps_to_success, outcome.missed) == (False, None, 7)


def test_a_schedule_counts_seeds_up_and_takes_object_sets_in_turn() -> None:
    schedule = Schedule(5, 100, "red_on_blue", ("1", "3"))
    assert [(schedule[i].seed, schedule[i].object_set) for i in range(3)] == [(100, "1"), (101, "3"), (102, "1")]


@pytest.mark.parametrize(
    ("text", "sets"),
    [("4", ("4",)), ("1..3", ("1", "2", "3")), ("1 5", ("1", "5")), ("r3,s0,b2", ("r3,s0,b2",)), ("", ("",))],
)
def test_object_sets_are_read(text: str, sets: tuple[str, ...]) -> None:
    assert object_sets_of(text) == sets


def test_impossible_schedules_are_refused() -> None:
    with pytest.raises(HelmsError, match=r"object sets '5\.\.1' are no range; write for instance 1\.\.5"):
        object_sets_of("5..1")
    with pytest.raises(HelmsError, match="got -1 episodes from seed 0"):
        Schedule(-1, 0)


def test_a_ledger_is_read_again_and_drops_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "results.jsonl"
    Ledger(path).add(Request(4), OUTCOME)
    with path.open("a") as file:
        file.write('{"request": {"se')
    assert Ledger(path).outcomes == [OUTCOME]
    assert len(path.read_text().splitlines()) == 1
    assert json.loads(path.read_text())["request"]["seed"] == 4


def test_another_file_is_no_ledger(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello\n")
    with pytest.raises(HelmsError, match=r"line 1 of .*notes.txt is no outcome of an episode"):
        Ledger(path)
    assert path.read_text() == "hello\n"
