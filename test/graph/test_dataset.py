"""A dataset built from a bag holds the same bytes as one collected straight from the cell."""

from pathlib import Path

from helms_control.graph import GraphSettings, describe
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.episode_manager import EpisodeManagerNode
from helms_learning.datasets.bags import read_bag
from helms_learning.datasets.collect import Collection, collect


def test_through_ros_or_straight_from_the_cell_it_is_the_same(tmp_path: Path, domain: int) -> None:
    bag = tmp_path / "bag"
    settings = GraphSettings("expert", object_set="2..3", episodes=2, seed=7, noise=0.2, lockstep=True, record=str(bag))
    with ComposedGraph(describe(settings), domain) as graph:
        manager = graph.nodes["episode_manager"]
        assert isinstance(manager, EpisodeManagerNode)
        assert graph.spin_until(lambda: manager.done, 60.0)
    recorded = list(read_bag(bag))
    collected = list(collect(Collection(object_sets=("2", "3"), episodes=2, seed=7, noise=0.2), workers=1))
    assert len(recorded) == 2
    for one, other in zip(recorded, collected, strict=True):
        for name in ("proprioception", "objects", "actions", "expert_action", "rewards", "stages"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
        for name in ("seed", "driver", "task", "object_set", "objects", "success"):
            assert getattr(one.meta, name) == getattr(other.meta, name), name
