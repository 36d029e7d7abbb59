"""One episode from reset to its end."""

from collections.abc import Callable
from dataclasses import dataclass

from helms_control.spec import EPISODE_STEPS
from helms_sim.env import StackEnv
from helms_sim.evaluation.drivers import Driver


@dataclass(frozen=True, slots=True)
class Record:
    """Result of an episode."""

    seed: int
    """Seed of reset and driver."""
    success: bool
    """Success at the last step."""
    episode_return: float
    """Sum of the rewards."""
    steps: int
    """Control steps run."""
    steps_to_success: int | None
    """Steps until the success that lasted to the end; None without success."""
    best_stage: int
    """Highest stage of the task reached."""
    reason: str
    """Reason of the end: "time" or a divergence."""


def run_episode(
    env: StackEnv,
    driver: Driver,
    seed: int,
    after_step: Callable[[StackEnv], None] | None = None,
    max_steps: int = EPISODE_STEPS,
) -> Record:
    """Run one episode.

    Args:
        env: reset here.
        driver: reset here.
        seed: of both.
        after_step: called after the reset and after each step, for instance to take a picture.
        max_steps: end the episode early after so many steps.
    """
    observation, info = env.reset(seed=seed)
    driver.reset(seed)
    total, steps, since, stage, done = 0.0, 0, None, 0, False
    while not done and steps < max_steps:
        if after_step is not None:
            after_step(env)
        observation, reward, terminated, truncated, info = env.step(driver.act(observation))
        done = terminated or truncated
        steps += 1
        total += reward
        stage = max(stage, info["stage"])
        since = (since if since is not None else steps) if info["success"] else None
    if after_step is not None:
        after_step(env)
    return Record(seed, info["success"], total, steps, since, stage, info.get("reason", "time"))
