"""Stacking one object on another as a feedback law of the cell's current state.

The action follows from tool pose, finger position and contacts, not from a step counter, so the law can take over in
any state. Its memory: planned and failed grasps, and whether the fingers are releasing an object.
"""

import numpy as np

from helms_control.robot import gripper
from helms_sim.expert import motion
from helms_sim.expert.grasp import Grasp, closing_axis
from helms_sim.expert.options import Options, nearest
from helms_sim.expert.placement import free_spot, is_level, landing, top_centre
from helms_sim.expert.topple import Push, lies_slanted, shove
from helms_sim.expert.travel import HIGHEST
from helms_sim.expert.view import FLOOR, Array, Solid, View

OPEN, HOLD, CLOSE = -1.0, 0.0, 1.0
_CLEAR = 0.025
"""Height kept above obstacles while the tool travels, m."""
_WOUND = 22.0
"""Difference between target and position of the fingers for a firm grip, tics."""
_TIGHT = 0.006
"""Lateral distance within which the tool descends fully, m."""
_LANDED = 0.022
"""Tolerance of a placement, m."""
_SHUT = 235.0
"""Position from which the fingers are closed without an object, tics."""


class Stacker:
    """Stacks object `top` on object `bottom`, then moves away."""

    def __init__(self, view: View, top: int, bottom: int) -> None:
        """Begin an episode; red 0, green 1, blue 2."""
        self._view, self._top, self._bottom = view, top, bottom
        self._options = Options(view)
        self._closing_on: Grasp | None = None
        self._tried: tuple[int, Grasp] | None = None
        self._releasing: tuple[int, Array] | None = None

    def act(self) -> Array:
        """Return the next action, (5,) in [-1, 1]."""
        view, top, bottom = self._view, self._top, self._bottom
        if self._lets_go():
            return motion.steer(view, view.pinch, view.yaw, OPEN)
        if stands(view, top, bottom):
            self._tried = None
            return self._leave(top)
        holds = view.grasp and view.tics < _SHUT
        if holds and view.robot_touches(top):
            return self._carry(top, top_centre(view.solid(bottom)), bottom)
        if holds and view.robot_touches(bottom):
            return self._carry(bottom, np.array([*free_spot(view.others(bottom)), FLOOR]), None)
        if self._tried is not None:
            # The object was lost.
            self._options.failed(*self._tried)
            self._tried = None
        if not is_level(view.solid(bottom)):
            return self._level(bottom)
        return self._fetch(top)

    def _lets_go(self) -> bool:
        """Whether the fingers are releasing a placed object."""
        if self._releasing is None:
            return False
        item, where = self._releasing
        view = self._view
        near = float(np.linalg.norm(view.pinch - where)) < 0.01
        if near and view.robot_touches(item) and view.finger_target > 7.0:
            return True
        self._releasing = self._tried = None
        return False

    def _level(self, item: int) -> Array:
        """Bring an object's upper face level: tip it over where it lies slanted, else carry it to flat floor."""
        view = self._view
        found = shove(view, item)
        # While tipping it rests on no face: continue the push.
        if found is not None and (lies_slanted(view.solid(item)) or (found[1] and view.robot_touches(item))):
            return self._push(item, *found)
        return self._fetch(item)

    def _push(self, item: int, push: Push, in_lane: bool) -> Array:
        """Descend beside an object with closed fingers and push it over."""
        view, yaw = self._view, nearest(push.yaw, self._view.yaw)
        fingers = motion.opening_command(view, 0.0)
        if in_lane:
            ahead = (view.pinch[:2] - push.start[:2]) @ push.direction + 0.02
            return motion.steer(view, push.start + ahead * np.array([*push.direction, 0.0]), yaw, fingers)
        above = self._highest() + gripper.reach(0.0) + _CLEAR
        return self._funnel(push.start, yaw, above, fingers, view.tics > _SHUT)

    def _fetch(self, item: int) -> Array:
        """Approach an object from above and close the fingers around it."""
        view = self._view
        if not self._options.think(item):
            # Approach meanwhile.
            solid = view.solid(item)
            return motion.steer(view, np.array([*solid.com[:2], max(view.pinch[2] - 0.02, HIGHEST)]), view.yaw)
        grasp = self._options.best(item)
        if grasp is None:
            # Boxed in by its neighbours: a push makes room.
            found = shove(view, item)
            return motion.STILL if found is None else self._push(item, *found)
        goal, yaw = grasp.position, grasp.yaw
        open_tics, closed_tics = gripper.tics(grasp.opening), gripper.tics(grasp.width)
        closing = view.finger_target > open_tics + 15.0
        # Closing fingers push the object, and may be further off.
        if self._is_at(grasp, 2.0 if closing else 1.0):
            if view.tics < closed_tics + 25.0 or view.grasp:
                self._closing_on = grasp
                return motion.steer(view, goal if not closing else view.pinch, yaw, CLOSE)
            self._options.failed(item, grasp)
            return motion.steer(view, goal + np.array([0.0, 0.0, 0.03]), view.yaw, HOLD)
        if any(view.robot_touches(each) for each in range(3)) and view.finger_target > open_tics + 7.0:
            # Closed fingers are beside it, not around it.
            up = 0.03 if view.tics > _SHUT else 0.0
            return motion.steer(view, view.pinch + np.array([0.0, 0.0, up]), view.yaw, OPEN)
        ready = view.finger_target < open_tics + 15.0
        above = self._highest() + gripper.reach(grasp.opening) + _CLEAR
        return self._funnel(goal, yaw, above, motion.opening_command(view, grasp.opening), ready)

    def _is_at(self, grasp: Grasp, slack: float) -> bool:
        """Whether the fingers are around the object as planned, within `slack` times the grasp's tolerance."""
        view, away = self._view, grasp.position - self._view.pinch
        axis = closing_axis(grasp.yaw)
        # Closing fingers centre the object between them, but not along the pads or in height.
        along, across = abs(away[:2] @ axis), abs(away[0] * axis[1] - away[1] * axis[0])
        turn = abs(motion.wrapped(grasp.yaw - view.yaw))
        return bool(
            along < 0.012 * slack and across < 0.009 * slack and abs(away[2]) < 0.009 * slack and turn < 0.25 * slack
        )

    def _carry(self, item: int, target: Array, onto: int | None) -> Array:
        """Lift a held object, bring its centre of mass over a point, lower it until it rests, and let go."""
        view, held = self._view, self._view.solid(item)
        if view.finger_target - view.tics < _WOUND:
            return motion.steer(view, view.pinch, view.yaw, CLOSE)
        if self._tried is None and self._closing_on is not None:
            self._tried = (item, self._closing_on)
        goal = landing(held, view.pinch, target, 0.002)
        away = float(np.linalg.norm(goal[:2] - view.pinch[:2]))
        if away < _LANDED and self._rests(item, onto, held):
            # In contact, it has landed, even off its place: continuing would push the lower one away.
            self._releasing = (item, view.pinch)
            return motion.steer(view, view.pinch, view.yaw, OPEN)
        if away < _TIGHT and view.pinch[2] < goal[2] + 0.003:
            return motion.steer(view, view.pinch - np.array([0.0, 0.0, 0.006]), view.yaw, CLOSE)
        hang = view.pinch[2] - held.bottom
        over = max(self._highest(item), target[2]) + hang + 0.02
        return self._funnel(goal, view.yaw, over, CLOSE, True)

    def _rests(self, item: int, onto: int | None, held: Solid) -> bool:
        """Whether a held object, or the fingers that hold it, have contact below."""
        view = self._view
        if onto is None:
            return held.bottom < FLOOR + 0.004
        return view.robot_touches(onto) or any(view.touch(item, other) for other in range(3) if other != item)

    def _leave(self, item: int) -> Array:
        """Open the fingers around a stacked object, then move to 0.1 m above it, as the reward's last stage asks."""
        view = self._view
        fingers = OPEN if view.finger_target > 7.0 else HOLD
        up = not view.robot_touches(item) or view.tics < 10.0
        height = min(view.solid(item).origin[2] + 0.1, HIGHEST) if up else view.pinch[2]
        return motion.steer(view, np.array([*view.pinch[:2], height]), view.yaw, fingers)

    def _highest(self, *ignored: int) -> float:
        """Height of the highest object except those ignored, m: travel height."""
        return max(self._view.solid(item).top for item in range(3) if item not in ignored)

    def _funnel(self, goal: Array, yaw: float, above: float, fingers: float, ready: bool) -> Array:
        """One step of an approach from above: the height grows with lateral and angular distance.

        Args:
            goal: (3,) pinch point, m.
            yaw: rad.
            above: height to travel at, m.
            fingers: their command.
            ready: whether it may descend.
        """
        view, above = self._view, min(max(above, goal[2]), HIGHEST)
        aside = goal[:2] - view.pinch[:2]
        turn = abs(motion.wrapped(yaw - view.yaw))
        misfit = max(float(np.linalg.norm(aside)) - _TIGHT, 0.0) / 0.02 + max(turn - 0.12, 0.0) / 0.2
        share = min(misfit, 1.0) if ready else 1.0
        height = goal[2] + share * (above - goal[2])
        # Below the obstacles: up first, with lateral speed growing as the height is reached.
        across = float(np.clip(1.0 - (height - view.pinch[2] - 0.006) / 0.02, 0.0, 1.0))
        target = np.array([*(view.pinch[:2] + across * aside), height])
        return motion.steer(view, target, view.yaw + across * motion.wrapped(yaw - view.yaw), fingers)


def stands(view: View, top: int, bottom: int) -> bool:
    """Whether the stack stands: success without the condition on robot contact."""
    above, below = view.solid(top), view.solid(bottom)
    offset = above.origin - below.origin
    return bool(np.hypot(*offset[:2]) < 0.05 and offset[2] > 0.02 and view.touch(top, bottom) and not view.grasp)
