"""The safety layer before an arm with mass and lag: bounds hold, and regular work is not disturbed."""

import numpy as np
import pytest

from helms_control.control.cartesian import CartesianController
from helms_control.control.workspace import Workspace
from helms_control.safety.findings import Kind
from helms_control.safety.layer import SafetyLayer
from helms_control.spec import EPISODE_STEPS
from helms_sim.env import StackEnv
from helms_sim.expert.demonstrator import Demonstrator
from test.control.safety.guarded import GuardedCell

FAR = Workspace((-9.0, -9.0, -9.0), (9.0, 9.0, 9.0))
"""A controller without walls of its own."""


def guarded_env(layer: SafetyLayer, controller: CartesianController | None = None) -> tuple[StackEnv, GuardedCell]:
    env = StackEnv(object_set=4)
    cell = GuardedCell(layer, controller)
    env.cell = cell
    return env, cell


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("outward", [-1.0, 1.0])
def test_a_lagging_arm_is_stopped_at_the_wall(layer: SafetyLayer, axis: int, outward: float) -> None:
    env, cell = guarded_env(layer, CartesianController(workspace=FAR))
    env.reset(seed=0)
    action = np.zeros(5)
    action[axis] = outward
    beyond = []
    for _ in range(200):
        env.step(action)
        tcp = cell.data.site_xpos[cell.names.pinch]
        beyond.append(outward * (tcp - (layer.limits.box_upper if outward > 0 else layer.limits.box_lower))[axis])
    assert layer.counts[Kind.WORKSPACE] > 0
    # The simulated arm takes 0.15 s to follow, longer than the reaction time: it may overshoot by half of
    # the centimetre that lies between the box and the floor.
    assert max(beyond) < 0.005
    assert -0.002 < beyond[-1] < 0.0


def test_a_demonstration_passes_untouched_and_still_stacks(layer: SafetyLayer) -> None:
    env, _ = guarded_env(layer)
    driver = Demonstrator(env)
    env.reset(seed=0)
    driver.reset(seed=0)
    for _ in range(EPISODE_STEPS):
        info = env.step(driver.act())[4]
    assert info["success"]
    assert set(layer.counts) <= {Kind.JOINT_ACCELERATION}
