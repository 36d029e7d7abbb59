"""Roles of the tasks, against the tasks of the simulation."""

import pytest

from helms_control.errors import HelmsError
from helms_control.spec.task import roles_of
from helms_sim.tasks import TASK_NAMES, make_task


@pytest.mark.parametrize("name", TASK_NAMES)
def test_roles_are_those_of_the_simulated_task(name: str) -> None:
    task = make_task(name)
    carried, *others = roles_of(name)
    assert carried == task.top
    assert others[: len(task.bases)] == list(task.bases)
    assert sorted([carried, *others]) == [0, 1, 2]


def test_there_are_tasks_with_one_base_and_with_two() -> None:
    assert {len(make_task(name).bases) for name in TASK_NAMES} == {1, 2}


@pytest.mark.parametrize(
    "name",
    [
        "",
        "fly",
        "red",
        "red_on_red",
        "red_on_yellow",
        "red_under_blue",
        "red_on_blue_",
        "Red_on_blue",
        "pyramid_red_green",
        "pyramid_red_green_red",
        "tower_red_green_blue",
        "pyramid_red_green_blue_red",
    ],
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(HelmsError, match=f"task {name!r} names no roles; a task is such as red_on_blue, or pyramid_"):
        roles_of(name)
