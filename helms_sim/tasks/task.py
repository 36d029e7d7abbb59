"""A task: stages, reward and success of a state of the cell."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from helms_control.errors import HelmsError, UnknownNameError, unknown
from helms_sim.tasks.constants import OBJECT_NAMES
from helms_sim.tasks.stages import Stage, dense_reward, sparse_staged_reward
from helms_sim.tasks.state import CellState


class RewardKind(StrEnum):
    """Kind of reward: all of the progress, finished stages only, or success only."""

    DENSE = "dense"
    SPARSE_STAGED = "sparse_staged"
    SPARSE = "sparse"


def reward_kind(name: str) -> RewardKind:
    """Return the reward kind of that name.

    Raises:
        UnknownNameError: the name is none of "dense", "sparse_staged", "sparse".
    """
    try:
        return RewardKind(name)
    except ValueError as error:
        raise _unknown_kind(name) from error


def _unknown_kind(name: object) -> UnknownNameError:
    return unknown("reward kind", name, RewardKind)


class Outcome(NamedTuple):
    """Reward, stage and success of a state.

    Attributes:
        reward: in [0, 1].
        stage: 1 to n, or 0 for none: the stage being worked on for the dense reward, else the last one achieved.
        success: whether the task is done, the same for every reward kind.
    """

    reward: float
    stage: int
    success: bool


@dataclass(frozen=True, slots=True)
class Task:
    """A sequence of stages and a definition of success.

    Attributes:
        name: as known to `make_task`.
        top: index of the object that ends on top; red 0, green 1, blue 2.
        bases: indices of the objects below it: the bottom of a stack, or the two bases of a pyramid, of which the
            first is moved next to the second.
        stages: from the first to the last.
        success: predicate of the state, the top and the bases; also the sparse reward.

    Raises:
        HelmsError: no stage, an index that is no object, or an object that is used twice.
    """

    name: str
    top: int
    bases: tuple[int, ...]
    stages: tuple[Stage, ...]
    success: Callable[..., bool]

    def __post_init__(self) -> None:
        """Check stages and objects."""
        objects = (self.top, *self.bases)
        if len(set(objects)) != len(objects) or not set(objects) <= set(range(len(OBJECT_NAMES))):
            raise HelmsError(
                f"task {self.name!r} got top {self.top} and bases {self.bases}; allowed are different indices "
                f"out of {', '.join(f'{index} ({name})' for index, name in enumerate(OBJECT_NAMES))}."
            )
        if not self.stages:
            raise HelmsError(f"task {self.name!r} got no stages; give at least one.")

    @property
    def stage_names(self) -> tuple[str, ...]:
        """Names of the stages, first to last; `Outcome.stage` i is the i-th of them, counted from 1."""
        return tuple(stage.name for stage in self.stages)

    def evaluate(self, state: CellState, reward: RewardKind) -> Outcome:
        """Return reward, stage and success of a state.

        Raises:
            UnknownNameError: the reward kind is not one of `RewardKind`.
        """
        success = self.success(state, self.top, *self.bases)
        # Equality, because a plain string from a configuration file serves as well.
        if reward == RewardKind.DENSE:
            return Outcome(*dense_reward(self.stages, state), success)
        value, stage = sparse_staged_reward(self.stages, state)
        if reward == RewardKind.SPARSE_STAGED:
            return Outcome(value, stage, success)
        if reward == RewardKind.SPARSE:
            return Outcome(float(success), stage, success)
        raise _unknown_kind(reward)
