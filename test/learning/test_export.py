"""A bundle against PyTorch, number by number, over a whole episode, for every kind and all features."""

from pathlib import Path

import numpy as np
import pytest
import torch

from helms_control.features import geometry
from helms_control.features.features import FEATURES, stack
from helms_control.policy import Policy, load_bundle
from helms_learning.export import write_bundle
from helms_learning.policies import base
from helms_learning.policies.base import decided
from helms_learning.policies.clone import Clone
from helms_learning.policies.configuration import PolicyConfig
from helms_learning.policies.hierarchical import Hierarchical
from helms_learning.policies.inputs import Inputs, inputs_of
from helms_learning.policies.kinds import make_policy
from helms_learning.policies.npmp import Npmp
from helms_sim.env import StackEnv
from helms_sim.rollout.actors import ExpertActor
from helms_sim.rollout.rollout import rollout
from helms_sim.rollout.trajectory import Trajectory

VALUES = {"tasks": ("red_on_blue",), "object_sets": ("4",), "training": {}}
ROLES = (0, 2, 1)


@pytest.fixture(scope="module")
def episode() -> Trajectory:
    """An episode of the demonstrator, disturbed."""
    env = StackEnv(object_set=2)
    return rollout(env, ExpertActor(env, 0.2), 3)


def frames_of(episode: Trajectory, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return three frames of proprioception and objects, newest first; the first one is repeated."""
    at = np.maximum(step - np.arange(3), 0)
    return episode.proprioception[at], episode.objects[at]


def like_trained(config: PolicyConfig, episode: Trajectory) -> base.Policy:
    """Return a policy with random weights and, for raw features, the statistics of the episode."""
    policy = make_policy(config, 0)
    if policy.features.standardised:
        frames = np.concatenate([episode.proprioception, episode.objects], -1)
        policy.normaliser.set_statistics(*(torch.from_numpy(each) for each in (frames.mean(0), frames.std(0))))
    return policy.eval()


def inputs_by_hand(policy: base.Policy, episode: Trajectory) -> Inputs:
    """Return the networks' inputs of all steps by training's way: features of single frames, then stacked."""
    features = policy.features
    shapes = torch.from_numpy(geometry.pack(episode.shapes)).expand(len(episode.objects), -1, -1)
    robot = features.robot(torch.from_numpy(episode.proprioception))
    frames = torch.cat([robot, features.scene(torch.from_numpy(episode.objects), robot, shapes)], -1)
    return inputs_of(torch.cat([frames[:1]] * 2 + [frames]), features, policy.normaliser, 0)


@pytest.mark.parametrize("features", list(FEATURES))
@pytest.mark.parametrize("skills", [1, 5])
def test_a_hierarchy_equals_pytorch_over_an_episode(
    episode: Trajectory, tmp_path: Path, features: str, skills: int
) -> None:
    policy = like_trained(PolicyConfig(features=features, skills=skills), episode)
    assert isinstance(policy, Hierarchical)
    exported = Policy(load_bundle(write_bundle(policy, tmp_path / "policy", VALUES)))
    exported.begin(episode.shapes, ROLES)
    with torch.no_grad():
        inputs = inputs_by_hand(policy, episode)
        probabilities = torch.softmax(policy.high(inputs.all), -1)
        latents = policy.mid(inputs.all).mean
        for t in range(len(episode)):
            step = exported(*frames_of(episode, t))
            np.testing.assert_allclose(step.probabilities, probabilities[t], atol=2e-4)
            np.testing.assert_allclose(step.latent, latents[step.skill, t], atol=2e-4)
            latent = latents[step.skill, t : t + 1]
            action = policy.low(inputs.robot[t : t + 1], latent, inputs.plain[t : t + 1])[0]
            np.testing.assert_allclose(step.action[:4], action[:4], atol=2e-4)
            # The fingers' command is the nearest of open, hold and close.
            assert step.action[4] == min((-1.0, 0.0, 1.0), key=lambda command: abs(command - float(action[4])))
    assert np.ptp(probabilities.numpy(), axis=0).max() > (1e-3 if skills > 1 else -1.0)


@pytest.mark.parametrize("features", list(FEATURES))
def test_one_latent_without_skills_equals_pytorch(episode: Trajectory, tmp_path: Path, features: str) -> None:
    policy = like_trained(PolicyConfig(kind="npmp", features=features, skills=1), episode)
    assert isinstance(policy, Npmp)
    bundle = load_bundle(write_bundle(policy, tmp_path / "policy", VALUES))
    assert bundle.manifest.levels == ("mid", "low")
    exported = Policy(bundle)
    exported.begin(episode.shapes, ROLES)
    with torch.no_grad():
        inputs = inputs_by_hand(policy, episode)
        actions = decided(policy.distribution(inputs).mean)
        for t in range(0, len(episode), 7):
            np.testing.assert_allclose(exported(*frames_of(episode, t)).action, actions[t], atol=2e-4)


@pytest.mark.parametrize("features", list(FEATURES))
def test_a_clone_is_one_network(episode: Trajectory, tmp_path: Path, features: str) -> None:
    policy = like_trained(PolicyConfig(kind="clone", features=features, skills=1), episode)
    assert isinstance(policy, Clone)
    bundle = load_bundle(write_bundle(policy, tmp_path / "policy", VALUES))
    assert (bundle.manifest.levels, bundle.manifest.latent) == (("flat",), 0)
    exported = Policy(bundle)
    exported.begin(episode.shapes, ROLES)
    with torch.no_grad():
        inputs = inputs_by_hand(policy, episode)
        actions = decided(policy(inputs.all, inputs.plain))
    for t in range(0, len(episode), 7):
        np.testing.assert_allclose(exported(*frames_of(episode, t)).action, actions[t], atol=2e-4)


def test_every_skill_of_the_mid_level_is_exported(episode: Trajectory, tmp_path: Path) -> None:
    policy = like_trained(PolicyConfig(skills=4), episode)
    assert isinstance(policy, Hierarchical)
    bundle = load_bundle(write_bundle(policy, tmp_path / "policy", VALUES))
    own, seen = frames_of(episode, 50)
    robot, scene = stack(FEATURES["raw"], own[None], seen[None], np.zeros((1, 3, geometry.SIZE), np.float32))
    with torch.no_grad():
        latents = policy.mid(inputs_by_hand(policy, episode).all).mean[:, 50]
    for skill in range(4):
        inputs = {"robot": robot, "scene": scene, "skill": np.array([skill], np.int64)}
        np.testing.assert_allclose(bundle.sessions["mid"].run(None, inputs)[0][0], latents[skill], atol=1e-5)
    assert np.abs(latents[0] - latents[1]).max() > 1e-3


def test_objects_by_their_roles_are_those_of_the_task(episode: Trajectory, tmp_path: Path) -> None:
    policies = [
        like_trained(PolicyConfig(features="tool", order=order, skills=1), episode) for order in ("colours", "roles")
    ]
    exported = [Policy(load_bundle(write_bundle(each, tmp_path / each.config.order, VALUES))) for each in policies]
    own, seen = frames_of(episode, 50)
    carried = (1, 2, 0)
    exported[0].begin([episode.shapes[item] for item in carried], ROLES)
    exported[1].begin(episode.shapes, carried)
    poses = seen.reshape(3, 6, 7)[:, [*carried, *(3 + item for item in carried)]].reshape(3, -1)
    np.testing.assert_array_equal(exported[0](own, poses).action, exported[1](own, seen).action)


def test_fingers_of_an_unsure_network_stay_where_they_are() -> None:
    means = torch.tensor([[0.3, -0.7, 0.1, 0.9, finger] for finger in (-0.9, -0.3, 0.02, 0.4, 0.6)])
    action = decided(means)
    assert action[:, 4].tolist() == [-1.0, 0.0, 0.0, 0.0, 1.0]
    torch.testing.assert_close(action[:, :4], means[:, :4])


def test_a_failed_export_leaves_the_old_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = make_policy(PolicyConfig(), 0)
    write_bundle(policy, tmp_path / "policy", VALUES)
    before = (tmp_path / "policy" / "manifest.yaml").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("helms_learning.export.write_manifest", full)
    with pytest.raises(Exception, match="No space left on device"):
        write_bundle(policy, tmp_path / "policy", VALUES)
    assert (tmp_path / "policy" / "manifest.yaml").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["policy"]
