"""The tasks that exist, by name."""

from itertools import permutations
from types import MappingProxyType

from helms_control.errors import named
from helms_sim.tasks import primitives, pyramid
from helms_sim.tasks.constants import OBJECT_NAMES
from helms_sim.tasks.stages import Stage
from helms_sim.tasks.success import is_pyramid, is_stacked
from helms_sim.tasks.task import Task


def _stack_task(top: int, bottom: int) -> Task:
    """Build the task "<top>_on_<bottom>" (HeLMS, appendix F: dense stacking reward)."""
    name, below = OBJECT_NAMES[top], OBJECT_NAMES[bottom]
    pair = (top, bottom)
    stages = (
        Stage(f"reach_grasp_{name}", primitives.reach_grasp, (top,)),
        Stage(f"lift_{name}", primitives.lift, (top,)),
        Stage(f"hover_{name}_over_{below}", primitives.hover, pair),
        Stage(f"stack_{name}_on_{below}", primitives.stack, pair),
        Stage(f"leave_{name}_on_{below}", primitives.stack_leave, pair),
    )
    return Task(f"{name}_on_{below}", top, (bottom,), stages, is_stacked)


def _pyramid_task(moved: int, fixed: int, top: int) -> Task:
    """Build the task "pyramid_<moved>_<fixed>_<top>" (HeLMS, appendix F: pyramid reward)."""
    first, second, third = OBJECT_NAMES[moved], OBJECT_NAMES[fixed], OBJECT_NAMES[top]
    base, everything = (moved, fixed), (top, moved, fixed)
    stages = (
        Stage(f"reach_grasp_{first}", primitives.reach_grasp, (moved,)),
        Stage(f"lift_{first}", primitives.lift, (moved,)),
        Stage(f"hover_{first}_near_{second}", pyramid.hover_near, base),
        Stage(f"place_{first}_near_{second}", pyramid.place_near, base),
        Stage(f"reach_grasp_{third}", pyramid.reach_grasp_top, everything),
        Stage(f"lift_{third}", pyramid.lift_top, everything),
        Stage(f"hover_{third}_over_both", pyramid.hover_between, everything),
        Stage(f"pyramid_{third}_on_both", pyramid.pyramid, everything),
        Stage(f"leave_{third}_on_both", pyramid.pyramid_leave, everything),
    )
    return Task(f"pyramid_{first}_{second}_{third}", top, base, stages, is_pyramid)


def _all_tasks() -> dict[str, Task]:
    objects = range(len(OBJECT_NAMES))
    stacks = [_stack_task(top, bottom) for top, bottom in permutations(objects, 2)]
    pyramids = [_pyramid_task(*order) for order in permutations(objects)]
    tasks = {task.name: task for task in stacks + pyramids}
    return tasks | {"pyramid": tasks["pyramid_red_green_blue"]}


_TASKS = MappingProxyType(_all_tasks())

TASK_NAMES = tuple(_TASKS)
"""Every name `make_task` takes; "pyramid" is another name of "pyramid_red_green_blue", the pyramid of HeLMS."""


def make_task(name: str) -> Task:
    """Return a task: "<top>_on_<bottom>", "pyramid", or "pyramid_<moved>_<fixed>_<top>" in red, green and blue.

    The first object of a pyramid is placed near the second, the third goes on top of both.

    Raises:
        UnknownNameError: no task has that name; the message lists those that exist.
    """
    return named("task", name, _TASKS)
