"""Stacking and pyramid tasks: stages, rewards and success as pure functions of the cell's state."""

from helms_sim.tasks.registry import TASK_NAMES, make_task
from helms_sim.tasks.state import CellState
from helms_sim.tasks.task import Outcome, RewardKind, Task, reward_kind

__all__ = ["TASK_NAMES", "CellState", "Outcome", "RewardKind", "Task", "make_task", "reward_kind"]
