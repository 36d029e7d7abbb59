"""Lockstep through ROS gives the same observations and actions as the plain environment, bit for bit."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.bags import check_bag, open_bag
from helms_control.graph import GraphSettings, describe
from helms_control.graph.processes import ProcessGraph
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.episode_manager import EpisodeManagerNode
from helms_control.policy import Policy, load_bundle
from helms_sim.env import StackEnv
from helms_sim.rollout.actors import make_actor

Rows = dict[tuple[int, int], bytes]


def plain(policy: str, object_set: str, randomisation: str, seed: int) -> tuple[list[bytes], list[bytes]]:
    """Run an episode without ROS; return observations and actions as bytes."""
    env = StackEnv("red_on_blue", object_set, randomisation=randomisation)
    seen, _ = env.reset(seed=seed)
    observations, actions, done = [seen["proprioception"].tobytes() + seen["objects"].tobytes()], [], False
    driver = make_actor(policy, env) if policy in ("expert", "random") else None
    bundle = Policy(load_bundle(Path(policy))) if driver is None else None
    if driver is not None:
        driver.reset(seed)
    while not done:
        action: npt.NDArray[np.float64]
        if driver is not None:
            action = driver.act(seen)
        else:
            assert bundle is not None
            action = bundle(seen["proprioception"], seen["objects"]).action
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


def assert_same(bag: Path, policy: str, object_sets: list[str], randomisation: str = "off") -> None:
    assert check_bag(bag) == []
    observations, actions = recorded(bag)
    assert len(actions) == 400 * len(object_sets)
    for index, object_set in enumerate(object_sets):
        expected_observations, expected_actions = plain(policy, object_set, randomisation, seed=7 + index)
        assert [observations[index + 1, step] for step in range(401)] == expected_observations
        assert [actions[index + 1, step] for step in range(400)] == expected_actions


@pytest.mark.parametrize("policy", ["expert", "random", "bundle"])
def test_composed_it_equals_the_plain_environment(policy: str, bundle: Path, tmp_path: Path, domain: int) -> None:
    bag, who = tmp_path / "bag", str(bundle) if policy == "bundle" else policy
    settings = GraphSettings(who, object_set="2..3", episodes=2, seed=7, lockstep=True, record=str(bag))
    with ComposedGraph(describe(settings), domain) as graph:
        manager = graph.nodes["episode_manager"]
        assert isinstance(manager, EpisodeManagerNode)
        assert graph.spin_until(lambda: manager.done, 60.0)
    assert_same(bag, who, ["2", "3"])


def test_with_randomisation_and_delay_it_does_too(tmp_path: Path, domain: int) -> None:
    bag = tmp_path / "bag"
    settings = GraphSettings(
        object_set="train", randomisation="training", episodes=1, seed=7, lockstep=True, record=str(bag)
    )
    with ComposedGraph(describe(settings), domain) as graph:
        manager = graph.nodes["episode_manager"]
        assert isinstance(manager, EpisodeManagerNode)
        assert graph.spin_until(lambda: manager.done, 60.0)
    assert_same(bag, "expert", ["train"], "training")


@pytest.mark.parametrize("policy", ["expert", "bundle"])
def test_in_separate_processes_it_does_too(policy: str, bundle: Path, tmp_path: Path, domain: int) -> None:
    bag, who = tmp_path / "bag", str(bundle) if policy == "bundle" else policy
    settings = GraphSettings(who, object_set="4", episodes=1, seed=7, lockstep=True, record=str(bag))
    with ProcessGraph(describe(settings), domain) as graph:
        assert graph.processes["episode_manager"].wait(60.0) == 0, graph.log("episode_manager")
    assert_same(bag, who, ["4"])
