"""Task names and their meaning."""

import pickle

import pytest

from helms_control.errors import UnknownNameError
from helms_sim.tasks import TASK_NAMES, make_task


def test_names() -> None:
    assert set(TASK_NAMES) == {
        *("red_on_green", "red_on_blue", "green_on_red", "green_on_blue", "blue_on_red", "blue_on_green"),
        *("pyramid", "pyramid_red_green_blue", "pyramid_red_blue_green", "pyramid_green_red_blue"),
        *("pyramid_green_blue_red", "pyramid_blue_red_green", "pyramid_blue_green_red"),
    }


@pytest.mark.parametrize("name", TASK_NAMES)
def test_a_task_is_about_the_objects_in_its_name(name: str) -> None:
    task = make_task(name)
    colours = ("red", "green", "blue")
    top, bases = colours[task.top], [colours[base] for base in task.bases]
    assert task.name in (f"{top}_on_{'_'.join(bases)}", f"pyramid_{'_'.join(bases)}_{top}")


def test_pyramid_is_the_one_of_the_paper() -> None:
    assert make_task("pyramid") is make_task("pyramid_red_green_blue")


def test_stage_names_of_a_stack() -> None:
    assert make_task("green_on_red").stage_names == (
        "reach_grasp_green",
        "lift_green",
        "hover_green_over_red",
        "stack_green_on_red",
        "leave_green_on_red",
    )


def test_stage_names_of_the_pyramid() -> None:
    assert make_task("pyramid").stage_names == (
        *("reach_grasp_red", "lift_red", "hover_red_near_green", "place_red_near_green"),
        *("reach_grasp_blue", "lift_blue", "hover_blue_over_both", "pyramid_blue_on_both", "leave_blue_on_both"),
    )


@pytest.mark.parametrize("name", TASK_NAMES)
def test_a_task_can_be_sent_to_another_process(name: str) -> None:
    assert pickle.loads(pickle.dumps(make_task(name))) == make_task(name)


def test_unknown_task_lists_the_tasks() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown task 'red_on_red'.*red_on_green, .*pyramid_blue_green_red"):
        make_task("red_on_red")
