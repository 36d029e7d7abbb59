"""Placement features against the demonstrator's placement."""

import numpy as np

from helms_sim.env import StackEnv
from helms_sim.expert.placement import free_spot
from helms_sim.expert.view import View
from test.control.features.cell import parts_of, settled


def test_it_is_where_the_demonstrator_takes_each_object() -> None:
    env = StackEnv(object_set=3)
    view = View(env)
    chosen = set()
    for seed in range(20):
        parts = parts_of(env, settled(env, seed))
        found, turned = parts.spot.reshape(3, 6), parts.turned[:2, :2]
        for item in range(3):
            place = free_spot(view.others(item))
            chosen.add(tuple(place.round(3)))
            way = turned @ (place - view.solid(item).com[:2])
            np.testing.assert_allclose(found[item, :2], way / 0.1, atol=0.01)
            np.testing.assert_allclose(found[item, 4:], np.tanh(way / 0.005), atol=0.2)
    assert len(chosen) >= 4
