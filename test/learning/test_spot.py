"""Placement features against the demonstrator's placement."""

import numpy as np
import torch
from helms_learning.models import push, room, spot
from helms_learning.models.features import FRAME, own_features, seen_features
from helms_learning.models.layers import Normaliser

from helms_sim.env import StackEnv
from helms_sim.expert.placement import free_spot
from helms_sim.expert.view import View

AFTER = room.SIZE + push.SIZE


def test_it_is_where_the_demonstrator_takes_each_object() -> None:
    env = StackEnv(object_set=3)
    view = View(env)
    chosen = set()
    for seed in range(20):
        seen, _ = env.reset(seed=seed)
        for _ in range(10):
            seen, *_ = env.step(np.zeros(5))
        own = own_features(torch.from_numpy(seen["proprioception"][:1]), Normaliser(FRAME), "tool")
        values = seen_features(torch.from_numpy(seen["objects"][:1]), own, Normaliser(FRAME), "tool")[0].numpy()
        found = values[-AFTER - spot.SIZE : -AFTER].reshape(3, 6)
        cosine, sine = own[0, :2].tolist()
        turned = np.array([[cosine, sine], [-sine, cosine]])
        for item in range(3):
            place = free_spot(view.others(item))
            chosen.add(tuple(place.round(3)))
            way = turned @ (place - view.solid(item).com[:2])
            np.testing.assert_allclose(found[item, :2], way / 0.1, atol=0.01)
            np.testing.assert_allclose(found[item, 4:], np.tanh(way / 0.005), atol=0.2)
    assert len(chosen) >= 4
