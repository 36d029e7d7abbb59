"""Stages of a task and the rewards made from them.

n: number of stages; i: a stage, 1 to n; r_i: its primitive's value in [0, 1]. Stages are evaluated from the last one
down, because the last one that counts decides.
"""

from collections.abc import Callable
from dataclasses import dataclass

from helms_sim.tasks.constants import DENSE_THRESHOLD, SPARSE_THRESHOLD
from helms_sim.tasks.state import CellState


@dataclass(frozen=True, slots=True)
class Stage:
    """One sub-task: a primitive and the objects it is about.

    Attributes:
        name: what is to be achieved, for instance "lift_red".
        primitive: function of the state and the objects, with values in [0, 1].
        objects: indices of the objects, red 0, green 1, blue 2.
    """

    name: str
    primitive: Callable[..., float]
    objects: tuple[int, ...]


def dense_reward(stages: tuple[Stage, ...], state: CellState) -> tuple[float, int]:
    """Return (i - 1 + r_i) / n and i for the last stage i with r_i > 0.01; r_1 / n and 0 when there is none.

    Source: HeLMS, appendix F; threshold from the RGB-stacking environment (DeepMind).
    """
    total = number = len(stages)
    value = 0.0
    for stage in reversed(stages):
        value = stage.primitive(state, *stage.objects)
        if value > DENSE_THRESHOLD:
            return (number - 1 + value) / total, number
        number -= 1
    return value / total, 0


def sparse_staged_reward(stages: tuple[Stage, ...], state: CellState) -> tuple[float, int]:
    """Return i / n and i for the last stage i with r_i > 0.95; zeros when there is none (HeLMS, appendix F)."""
    total = number = len(stages)
    for stage in reversed(stages):
        if stage.primitive(state, *stage.objects) > SPARSE_THRESHOLD:
            break
        number -= 1
    return number / total, number
