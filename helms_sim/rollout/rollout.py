"""The loop of an episode in the cell: for collecting, evaluating and reporting alike."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helms_sim.env import StackEnv
from helms_sim.rollout.actors import Actor
from helms_sim.rollout.trajectory import Trajectory

CUT = "cut"
"""Reason of an episode that was ended before its time."""


def rollout(
    env: StackEnv,
    actor: Actor,
    seed: int,
    options: dict[str, Any] | None = None,
    steps: int | None = None,
    rest: int | None = None,
    watch: Callable[[StackEnv], None] | None = None,
) -> Trajectory:
    """Run one episode.

    Args:
        env: reset here.
        actor: reset here.
        seed: of both.
        options: of the environment's reset.
        steps: largest number of control steps; None for that of the task.
        rest: control steps of uninterrupted success after which the episode ends; None for its full time.
        watch: called after the reset and after each step, for instance to take a picture.
    """
    seen, _ = env.reset(seed=seed, options=options)
    actor.reset(seed)
    names = ("actions", "expert_actions", "rewards", "stages", "successes")
    columns: dict[str, list[Any]] = {name: [] for name in names}
    frames, drawn = [seen], list[Any]()
    terminated = truncated = False
    since, info = 0, dict[str, Any]()
    while not (terminated or truncated or len(drawn) == steps or (rest is not None and since > rest)):
        if watch is not None:
            watch(env)
        action = actor.act(seen)
        seen, reward, terminated, truncated, info = env.step(action)
        frames.append(seen)
        drawn.append(actor.drawn)
        values = (action, actor.expert_action, reward, info["stage"], info["success"])
        for name, value in zip(names, values, strict=True):
            columns[name].append(value)
        since = since + 1 if info["success"] else 0
    if watch is not None:
        watch(env)
    return Trajectory(
        seed,
        env.config.task,
        str(env.config.object_set),
        env.config.randomisation,
        env.episode.names,
        env.episode.shapes,
        np.array([frame["proprioception"][0] for frame in frames]),
        np.array([frame["objects"][0] for frame in frames]),
        np.array(columns["actions"], np.float64),
        np.array(columns["expert_actions"], np.float64),
        np.array(columns["rewards"]),
        np.array(columns["stages"], np.uint8),
        np.array(columns["successes"], np.bool_),
        terminated,
        truncated,
        info.get("reason", "time" if truncated else CUT),
        {name: np.array([each[name] for each in drawn], np.float64) for name in drawn[0]},
    )
