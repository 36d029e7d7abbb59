"""Lockstep through ROS gives the same observations and actions as the plain environment, bit for bit."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helms_control.bags import check_bag, open_bag
from helms_control.graph import GraphSettings, describe
from helms_control.graph.processes import ProcessGraph
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.episode_manager import EpisodeManagerNode
from helms_sim.env import StackEnv
from helms_sim.rollout.actors import make_actor
from test.control.policy.make_bundle import FLAT, HIERARCHICAL, NPMP, make_bundle

Rows = dict[tuple[int, int], bytes]

SHAPES: dict[str, dict[str, Any]] = {
    "hierarchical": {"levels": HIERARCHICAL},
    "npmp": {"levels": NPMP},
    "flat": {"levels": FLAT},
    # Features that need the shapes, and objects by their roles.
    "by roles": {"levels": HIERARCHICAL, "features": "tool", "order": "roles"},
}
"""Bundles by name."""


def source(policy: str, folder: Path) -> str:
    """Return the driver of that name, or the folder of a bundle."""
    return str(make_bundle(folder / "bundle", **SHAPES[policy])) if policy in SHAPES else policy


def plain(
    policy: str, object_set: str, seed: int, randomisation: str = "off", task: str = "red_on_blue"
) -> tuple[list[bytes], list[bytes]]:
    """Run an episode without ROS; return observations and actions as bytes."""
    env = StackEnv(task, object_set, randomisation=randomisation)
    seen, _ = env.reset(seed=seed)
    observations, actions, done = [seen["proprioception"].tobytes() + seen["objects"].tobytes()], [], False
    actor = make_actor(policy, env)
    actor.reset(seed)
    while not done:
        action = actor.act(seen)
        actions.append(action.tobytes())
        seen, _, terminated, truncated, _ = env.step(action)
        observations.append(seen["proprioception"].tobytes() + seen["objects"].tobytes())
        done = terminated or truncated
    return observations, actions


def recorded(bag: Path) -> tuple[Rows, Rows]:
    """Read observations and actions of a bag as bytes, by episode and step."""
    observations: Rows = {}
    actions: Rows = {}
    with open_bag(bag) as opened:
        for message in opened.messages("/observation", "/action"):
            content = message.decoded()
            key = (content.episode, content.step)
            if message.topic == "/action":
                actions[key] = content.action.tobytes()
            else:
                observations[key] = content.proprioception.tobytes() + content.objects.tobytes()
    return observations, actions


def assert_same(bag: Path, policy: str, object_sets: list[str], **options: str) -> None:
    assert check_bag(bag) == []
    observations, actions = recorded(bag)
    assert len(actions) == 400 * len(object_sets)
    for index, object_set in enumerate(object_sets):
        expected_observations, expected_actions = plain(policy, object_set, 7 + index, **options)
        assert [observations[index + 1, step] for step in range(401)] == expected_observations
        assert [actions[index + 1, step] for step in range(400)] == expected_actions
        # A policy that stood still, or an arm that did, would pass as well.
        assert all(one != other for one, other in pairwise(expected_observations))


def run(settings: GraphSettings, domain: int, alone: bool = False) -> None:
    with ComposedGraph(describe(settings), domain, alone) as graph:
        manager = graph.nodes["episode_manager"]
        assert isinstance(manager, EpisodeManagerNode)
        assert graph.spin_until(lambda: manager.done, 60.0 * settings.episodes)


@pytest.mark.parametrize("policy", ["expert", "random", "hierarchical", "npmp", "flat"])
def test_composed_it_equals_the_plain_environment(policy: str, tmp_path: Path, domain: int) -> None:
    bag, who = tmp_path / "bag", source(policy, tmp_path)
    run(GraphSettings(who, object_set="2..3", episodes=2, seed=7, lockstep=True, record=str(bag)), domain)
    assert_same(bag, who, ["2", "3"])


def test_shapes_and_roles_of_each_episode_reach_the_policy(tmp_path: Path, domain: int) -> None:
    bag, who, task = tmp_path / "bag", source("by roles", tmp_path), "green_on_red"
    run(GraphSettings(who, object_set="2..3", task=task, episodes=2, seed=7, lockstep=True, record=str(bag)), domain)
    assert_same(bag, who, ["2", "3"], task=task)
    with open_bag(bag) as opened:
        setups = [message.decoded() for message in opened.messages("/setup")]
    for setup, object_set, number in zip(setups, ("2", "3"), (1, 2), strict=True):
        env = StackEnv(task, object_set)
        env.reset(seed=6 + number)
        shapes = [item.vertices for item in env.episode.triplet]
        # Green is carried, red the base.
        assert (setup.episode, setup.task, setup.roles.tolist()) == (number, task, [1, 0, 2])
        assert setup.objects == list(env.episode.names)
        assert setup.corners.tolist() == [len(shape) for shape in shapes]
        np.testing.assert_array_equal(setup.vertices, np.concatenate(shapes).ravel())


@pytest.mark.parametrize("policy", ["expert", *SHAPES])
def test_without_other_processes_it_does_too(policy: str, tmp_path: Path, domain: int) -> None:
    bag, who = tmp_path / "bag", source(policy, tmp_path)
    run(GraphSettings(who, object_set="4", episodes=1, seed=7, lockstep=True, record=str(bag)), domain, alone=True)
    assert_same(bag, who, ["4"])


def test_with_randomisation_and_delay_it_does_too(tmp_path: Path, domain: int) -> None:
    bag = tmp_path / "bag"
    settings = GraphSettings(
        object_set="train", randomisation="training", episodes=1, seed=7, lockstep=True, record=str(bag)
    )
    run(settings, domain)
    assert_same(bag, "expert", ["train"], randomisation="training")


@pytest.mark.parametrize("policy", ["expert", *SHAPES])
def test_in_separate_processes_it_does_too(policy: str, tmp_path: Path, domain: int) -> None:
    bag, who = tmp_path / "bag", source(policy, tmp_path)
    settings = GraphSettings(who, object_set="4", episodes=1, seed=7, lockstep=True, record=str(bag))
    with ProcessGraph(describe(settings), domain) as graph:
        assert graph.processes["episode_manager"].wait(120.0) == 0, graph.log("episode_manager")
    assert_same(bag, who, ["4"])
