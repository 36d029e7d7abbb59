"""Properties of every task on random states of the cell."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helms_sim.tasks import TASK_NAMES, CellState, RewardKind, make_task
from helms_sim.tasks.state import Point

COLOURS = ("red", "green", "blue")
ORDERS = list(permutations(range(3)))


@st.composite
def states(draw: st.DrawFn) -> CellState:
    """Draw a state in which objects often lie beside, above or inside each other and the gripper is often near one."""
    coarse = st.sampled_from((-0.06, -0.03, 0.0, 0.03, 0.06))
    heights = st.sampled_from((0.0748, 0.1148, 0.1248, 0.15, 0.2))
    noise = st.floats(-0.01, 0.01)
    points: list[Point] = [
        (0.6 + draw(coarse) + draw(noise), draw(coarse) + draw(noise), draw(heights) + draw(noise)) for _ in range(3)
    ]
    x, y, z = points[draw(st.integers(0, 2))]
    pinch = (x + draw(noise), y + draw(noise), z + draw(st.sampled_from((0.0, 0.05, 0.1))))
    flags = st.tuples(st.booleans(), st.booleans(), st.booleans())
    first, second, third = points
    return CellState(
        pinch, draw(st.floats(0, 255)), draw(st.booleans()), (first, second, third), draw(flags), draw(flags)
    )


def recolour(state: CellState, order: tuple[int, ...]) -> CellState:
    """Return the state in which object i has become object order[i]."""
    old = [order.index(i) for i in range(3)]
    red, green, blue = old
    return CellState(
        pinch=state.pinch,
        gripper=state.gripper,
        grasp=state.grasp,
        positions=(state.positions[red], state.positions[green], state.positions[blue]),
        touching=(state.touch(red, green), state.touch(red, blue), state.touch(green, blue)),
        robot_touching=(state.robot_touching[red], state.robot_touching[green], state.robot_touching[blue]),
    )


def recoloured_name(name: str, order: tuple[int, ...]) -> str:
    """Return the name of a task with colour i replaced by colour order[i]."""
    return "_".join(COLOURS[order[COLOURS.index(word)]] if word in COLOURS else word for word in name.split("_"))


@pytest.mark.parametrize("kind", RewardKind)
@given(state=states(), name=st.sampled_from(TASK_NAMES), order=st.sampled_from(ORDERS))
def test_recolouring_state_and_task_changes_nothing(
    kind: RewardKind, state: CellState, name: str, order: tuple[int, ...]
) -> None:
    task = make_task(name)
    other = make_task(recoloured_name(task.name, order))
    assert other.evaluate(recolour(state, order), kind) == task.evaluate(state, kind)


@given(state=states(), name=st.sampled_from(TASK_NAMES))
def test_the_three_rewards_agree(state: CellState, name: str) -> None:
    task = make_task(name)
    n = len(task.stages)
    dense, staged, sparse = (task.evaluate(state, kind) for kind in RewardKind)
    assert 0.0 <= dense.reward <= 1.0
    assert max(dense.stage - 1, 0) <= dense.reward * n + 1e-9 <= max(dense.stage, 0.01) + 2e-9
    assert staged.reward == staged.stage / n
    assert staged.stage <= dense.stage
    assert staged.reward <= dense.reward + 0.05 / n
    assert sparse.reward == float(dense.success) == float(staged.success)


@given(state=states(), name=st.sampled_from(TASK_NAMES))
def test_a_stage_gives_a_value_between_nought_and_one(state: CellState, name: str) -> None:
    values = [stage.primitive(state, *stage.objects) for stage in make_task(name).stages]
    assert all(0.0 <= value <= 1.0 for value in values)
