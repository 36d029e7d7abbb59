import numpy as np
import pytest

from helms_sim.env import StackEnv
from helms_sim.expert.view import View
from helms_sim.mirror import Mirror
from helms_sim.rollout.actors import make_actor


@pytest.mark.parametrize(("object_set", "randomisation"), [("2", "off"), ("train", "hard")])
def test_a_mirror_shows_bit_for_bit_what_the_cell_shows(object_set: str, randomisation: str) -> None:
    env, mirror = StackEnv(object_set=object_set, randomisation=randomisation), Mirror()
    env.reset(seed=11)
    mirror.begin(env.config, 11)
    assert mirror.episode.names == env.episode.names
    driver = make_actor("expert", env)
    driver.reset(11)
    for step in range(260):
        data = env.cell.data
        mirror.show(data.qpos, data.qvel, data.act, data.ctrl)
        assert mirror.state == env.state, step
        real, shown = View(env), View(mirror)
        assert (real.pinch == shown.pinch).all()
        assert (real.yaw, real.tics, real.finger_target) == (shown.yaw, shown.tics, shown.finger_target)
        for item in range(3):
            np.testing.assert_array_equal(real.solid(item).vertices, shown.solid(item).vertices)
        env.step(driver.act({}))
