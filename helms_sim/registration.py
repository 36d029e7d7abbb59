"""Gymnasium ids: helms/RedOnBlue-v0 and the other pairs, and helms/Pyramid-v0."""

import gymnasium as gym

from helms_sim.tasks import TASK_NAMES


def environment_id(task: str) -> str:
    """Return the gymnasium id of a task: "red_on_blue" is helms/RedOnBlue-v0."""
    return f"helms/{''.join(word.capitalize() for word in task.split('_'))}-v0"


def register() -> None:
    """Register every task; the environments themselves are imported when one is made."""
    for task in TASK_NAMES:
        if environment_id(task) not in gym.registry:
            gym.register(environment_id(task), entry_point="helms_sim.env:StackEnv", kwargs={"task": task})
