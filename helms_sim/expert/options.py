"""Cache of each object's grasps: planned once for each resting pose, and transformed as it moves."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from helms_control.features.plan import WRIST
from helms_sim.expert.grasp import Failure, Grasp, candidate_yaws, plan_grasps
from helms_sim.expert.motion import wrapped
from helms_sim.expert.view import Solid, View

_THINKING = 3
"""Control steps over which planning is spread, so that none exceeds the action timeout."""
_MOVED = 0.004
"""Movement of a resting object that triggers planning, m."""
_TURNED = 0.08
"""Rotation likewise, rad."""
_ALIKE = 0.25
"""Largest difference to the best score of an acceptable grasp."""
_TURN, _WAY = 3.0, 1.5
"""Cost of turning (1/rad) and of lateral travel (1/m) among acceptable grasps: the choice then follows from visible
angles, not from hidden scores."""
_KEPT = 60
"""Number of best grasps kept of an object."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """Grasps of an object among its neighbours, at the poses of the planning."""

    solids: tuple[Solid, ...]
    grasps: list[Grasp]
    whole: bool
    """Whether all tool angles were tested."""


class Options:
    """Chooses the grasp of each object."""

    def __init__(self, view: View) -> None:
        """Begin an episode."""
        self._view = view
        self._planned: dict[int, _Planned] = {}
        self._drafts: dict[int, Iterator[_Planned | None]] = {}
        self._failures: dict[int, list[Failure]] = {0: [], 1: [], 2: []}

    def think(self, item: int) -> bool:
        """Plan for an object within one step; return whether `best` has a result."""
        if item not in self._drafts and self._is_due(item):
            self._drafts[item] = self._plan(item)
        if item in self._drafts:
            planned = next(self._drafts[item], None)
            if planned is None:
                del self._drafts[item]
            elif planned.whole or (item not in self._planned and planned.grasps):
                self._planned[item] = planned
        return item in self._planned

    def best(self, item: int) -> Grasp | None:
        """Return the best grasp of an object from the tool's pose; None if all have failed."""
        planned = self._planned[item]
        if not planned.grasps:
            del self._planned[item]
            return None
        (x, y, _), yaw = self._view.pinch.tolist(), self._view.yaw

        def worth(grasp: Grasp) -> float:
            way = math.hypot(grasp.position[0] - x, grasp.position[1] - y)
            return grasp.score - _TURN * abs(nearest(grasp.yaw, yaw) - yaw) - _WAY * way

        least = max(grasp.score for grasp in planned.grasps) - _ALIKE
        do = [grasp for grasp in planned.grasps if grasp.score >= least]
        grasp = _moved(max(do, key=worth), planned.solids[0], self._view.solid(item))
        return replace(grasp, yaw=nearest(grasp.yaw, yaw))

    def failed(self, item: int, grasp: Grasp) -> None:
        """Mark a grasp as failed."""
        failure = Failure.of(grasp, self._view.solid(item))
        self._failures[item].append(failure)
        if item in self._planned:
            known = self._planned[item]
            left = [each for each in known.grasps if not failure.repeats(each, known.solids[0])]
            self._planned[item] = replace(known, grasps=left)

    def _plan(self, item: int) -> Iterator[_Planned]:
        """Yield the grasps after each step; angles near the tool's come first, so that it can start at once."""
        solids, failures = self._solids(item), self._failures[item]
        grasps: list[Grasp] = []
        yaws = candidate_yaws(solids[0])
        yaws = yaws[np.argsort(np.abs((yaws - self._view.yaw + np.pi / 2) % np.pi - np.pi / 2), kind="stable")]
        for part, some in enumerate(np.array_split(yaws, _THINKING)):
            grasps += plan_grasps(solids[0], solids[1:], None, some)
            grasps.sort(key=lambda grasp: -grasp.score)
            best = grasps[:_KEPT]
            fresh = [each for each in best if not any(failure.repeats(each, solids[0]) for failure in failures)]
            yield _Planned(solids, fresh, part == _THINKING - 1)
        if not fresh:
            failures.clear()

    def _is_due(self, item: int) -> bool:
        if item not in self._planned:
            return True
        # An object that the fingers hold or push is not planned again: its grasp moves with it.
        return not self._view.robot_touches(item) and any(
            _has_moved(now, then) for now, then in zip(self._solids(item), self._planned[item].solids, strict=True)
        )

    def _solids(self, item: int) -> tuple[Solid, ...]:
        return (self._view.solid(item), *self._view.others(item))


def _has_moved(now: Solid, then: Solid) -> bool:
    turned = np.arccos(np.clip(0.5 * (np.sum(now.rotation * then.rotation) - 1.0), -1.0, 1.0))
    return bool(np.linalg.norm(now.origin - then.origin) > _MOVED or turned > _TURNED)


def _moved(grasp: Grasp, then: Solid, now: Solid) -> Grasp:
    """A grasp transformed by the object's motion since."""
    turn = now.rotation @ then.rotation.T
    yaw = float(np.arctan2(turn[1, 0] - turn[0, 1], turn[0, 0] + turn[1, 1]))
    position = now.origin + turn @ (grasp.position - then.origin)
    return replace(grasp, position=position, yaw=wrapped(grasp.yaw + yaw))


def nearest(grasp: float, now: float) -> float:
    """Rotation of the tool for a grasp, rad, modulo half a turn: the nearest within reach."""
    near = (grasp + np.pi / 2) % np.pi - np.pi / 2
    return float(
        min((yaw for yaw in (near - np.pi, near, near + np.pi) if abs(yaw) <= WRIST), key=lambda yaw: abs(yaw - now))
    )
