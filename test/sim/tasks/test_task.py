"""Outcomes of tasks, stage by stage, on hand-worked states, and refusals."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from helms_control.errors import HelmsError, UnknownNameError
from helms_sim.tasks import CellState, Outcome, RewardKind, Task, make_task, reward_kind
from helms_sim.tasks.stages import Stage
from helms_sim.tasks.success import is_stacked

Maker = Callable[..., CellState]
State = dict[str, Any]
HALF_MARGIN = 1 - 0.95 / (1 + 0.05**0.5) ** 2


def held(name: str, x: float, y: float, z: float) -> State:
    """Return an object in the grasp, the pinch point at its origin."""
    return {name: (x, y, z), "pinch": (x, y, z), "grasp": True}


FAR = (0.6, -0.25, 0.12)  # more than 0.275 m from what is lifted, where hover falls below 0.01
STACKED = {"red": (0.6, -0.05, 0.1148), "touching": (False, True, False)}
BASES = {"red": (0.58, 0.05, 0.0748), "green": (0.64, 0.05, 0.0748)}  # midpoint (0.61, 0.05)
FAR_BASES = {"red": (0.57, 0.2, 0.12), "green": (0.63, 0.2, 0.12)}
BUILT = {**BASES, "blue": (0.61, 0.05, 0.1248), "touching": (False, True, True)}

# State, then dense reward times the number of stages, its stage, the stage of the sparse staged reward, success.
RED_ON_BLUE: list[tuple[State, float, int, int, bool]] = [
    ({"pinch": (0.55, 0.05, 0.0748)}, 0.5125, 1, 0, False),  # at red, open: 0.5 + 0.025 / 2
    (held("red", 0.55, 0.05, 0.0748), 1.0, 1, 1, False),
    (held("red", 0.6, 0.1, 0.1273) | {"blue": FAR}, 1.5, 2, 1, False),  # half lifted
    (held("red", 0.6, 0.1, 0.1498) | {"blue": FAR}, 2.0, 2, 2, False),
    (held("red", 0.6, 0.05, 0.1148), 2 + HALF_MARGIN, 3, 1, False),  # 0.1 m beside the hover point
    (held("red", 0.6, -0.05, 0.1148), 3.0, 3, 3, False),
    # Above is 0.1 m off, twice its margin: 1 - tanh(4.36)^2 < 0.01, so that leaving does not count yet.
    (STACKED | {"pinch": (0.6, -0.05, 0.1148), "robot_touching": (True, False, False)}, 4.0, 4, 4, False),
    (STACKED | {"pinch": (0.6, -0.05, 0.1648)}, 4.05, 5, 4, True),  # 0.05 over it: above is at its margin
    (STACKED | {"pinch": (0.6, -0.05, 0.2148)}, 5.0, 5, 5, True),
]
PYRAMID: list[tuple[State, float, int, int, bool]] = [
    ({"pinch": (0.55, 0.05, 0.0748)}, 0.5125, 1, 0, False),
    (held("red", 0.55, 0.05, 0.0748), 1.0, 1, 1, False),
    (held("red", 0.6, 0.1, 0.1498) | {"green": FAR}, 2.0, 2, 2, False),
    (held("red", 0.58, 0.05, 0.1148), 3.0, 3, 3, False),  # 0.07 beside green, 0.04 higher
    (held("red", 0.58, 0.05, 0.0748) | {"blue": (0.6, -0.2, 0.09)}, 4.0, 4, 4, False),  # blue 0.25 m away
    (BASES | {"pinch": (0.6, -0.05, 0.0748)}, 4.5125, 5, 4, False),
    (BASES | held("blue", 0.6, -0.05, 0.0748), 5.0, 5, 5, False),
    (FAR_BASES | held("blue", 0.6, -0.1, 0.1498), 6.0, 6, 6, False),
    (BASES | held("blue", 0.61, 0.05, 0.1148), 7.0, 7, 7, False),
    (BUILT | {"pinch": (0.61, 0.05, 0.1248), "robot_touching": (False, False, True)}, 8.0, 8, 8, False),
    (BUILT | {"pinch": (0.61, 0.05, 0.1748)}, 8.05, 9, 8, True),
    (BUILT | {"pinch": (0.61, 0.05, 0.2248)}, 9.0, 9, 9, True),
]
CASES = [("red_on_blue", 5, *row) for row in RED_ON_BLUE] + [("pyramid", 9, *row) for row in PYRAMID]


@pytest.mark.parametrize(("name", "n", "changes", "dense", "dense_stage", "stage", "success"), CASES)
def test_outcomes(
    cell: Maker, name: str, n: int, changes: State, dense: float, dense_stage: int, stage: int, success: bool
) -> None:
    task, state = make_task(name), cell(**changes)
    outcome = task.evaluate(state, RewardKind.DENSE)
    assert outcome == Outcome(outcome.reward, dense_stage, success)
    assert outcome.reward == pytest.approx(dense / n, abs=1e-9)
    assert task.evaluate(state, RewardKind.SPARSE_STAGED) == (stage / n, stage, success)
    assert task.evaluate(state, RewardKind.SPARSE) == (float(success), stage, success)


def test_skipping_the_bases_of_a_pyramid_does_not_pay(cell: Maker) -> None:
    # Red and green are 0.1 m apart, blue is lifted over their midpoint: only reaching red, 0.14 m away, counts.
    outcome = make_task("pyramid").evaluate(cell(**held("blue", 0.6, 0.05, 0.2)), RewardKind.DENSE)
    assert outcome.stage == 1
    assert outcome.reward < 0.5 / 9


def test_a_stack_outside_the_tolerance_of_the_stage_can_be_success(cell: Maker) -> None:
    # 0.055 between the centres: too much for the stage (0.04 +- 0.01), enough for success (above 0.02).
    state = cell(red=(0.6, -0.05, 0.1298), touching=(False, True, False))
    outcome = make_task("red_on_blue").evaluate(state, RewardKind.SPARSE_STAGED)
    assert outcome == Outcome(reward=0.6, stage=3, success=True)


def test_evaluate_takes_the_name_of_a_reward_kind(cell: Maker) -> None:
    task, state = make_task("red_on_blue"), cell(**STACKED)
    for kind in RewardKind:
        assert task.evaluate(state, cast(RewardKind, kind.value)) == task.evaluate(state, kind)
        assert reward_kind(kind.value) is kind


def test_unknown_reward_kind_lists_the_kinds(cell: Maker) -> None:
    message = "unknown reward kind 'sparce'; choose one of: dense, sparse_staged, sparse. Did you mean 'sparse'"
    with pytest.raises(UnknownNameError, match=message):
        reward_kind("sparce")
    with pytest.raises(UnknownNameError, match=message):
        make_task("pyramid").evaluate(cell(), cast(RewardKind, "sparce"))


@pytest.mark.parametrize(("top", "bases"), [(0, (0,)), (2, (1, 1)), (3, (0,)), (0, (-1,))])
def test_task_refuses_impossible_objects(top: int, bases: tuple[int, ...]) -> None:
    with pytest.raises(HelmsError, match=rf"got top {top} and bases \({bases[0]},.*0 \(red\), 1 \(green\), 2 \(blue\)"):
        Task("odd", top, bases, (Stage("nothing", lambda _state: 0.0, ()),), is_stacked)


def test_task_refuses_to_have_no_stages() -> None:
    with pytest.raises(HelmsError, match="'empty' got no stages; give at least one"):
        Task("empty", 0, (1,), (), is_stacked)
