"""A bundle against PyTorch, number by number, all three levels chained over a whole episode."""

from pathlib import Path

import numpy as np
import pytest
import torch
from helms_control.policy.levels import MidLevel
from helms_learning.models.behaviour import BehaviourClone
from helms_learning.models.configuration import ModelConfig
from helms_learning.models.graphs import decided
from helms_learning.models.skills import SkillModel, stack
from helms_learning.offline.losses import Model
from torch import Tensor

from helms_control.policy import Policy, load_bundle
from helms_learning.datasets.windows import FRAME
from helms_learning.export import write_bundle
from helms_sim.env import StackEnv
from helms_sim.rollout.actors import make_actor

VALUES = {"tasks": ("red_on_blue",), "object_sets": ("4",), "training": {}}
STEPS = 400


def episode() -> tuple[np.ndarray, np.ndarray]:
    """Observations of a real episode, (400, 3, 43) and (400, 3, 42)."""
    env = StackEnv()
    seen, _ = env.reset(seed=3)
    driver = make_actor("expert", env, 0.2)
    driver.reset(3)
    own, objects = [], []
    for _ in range(STEPS):
        own.append(seen["proprioception"])
        objects.append(seen["objects"])
        seen, *_ = env.step(driver.act(seen))
    return np.array(own), np.array(objects)


def trained_like(config: ModelConfig, frames: np.ndarray) -> Model:
    """A model with random weights and the statistics of real frames."""
    torch.manual_seed(0)
    model: Model = BehaviourClone(config) if config.kind == "bc" else SkillModel(config)
    mean, deviation = (torch.from_numpy(values.astype(np.float32)) for values in (frames.mean(0), frames.std(0)))
    model.normaliser.set_statistics(mean, deviation)
    return model


def inputs_of(model: Model, own: Tensor, objects: Tensor) -> tuple[Tensor, Tensor]:
    """Normalise stacked frames by hand, in another order than the exported graph does."""
    both = model.normaliser(torch.cat([own, objects], -1))
    own_flat, seen_flat = both[..., :43].flatten(1), both[..., 43:].flatten(1)
    return own_flat, torch.cat([own_flat, seen_flat], -1)


@pytest.mark.parametrize("skills", [1, 5])
def test_onnx_equals_pytorch_over_an_episode(tmp_path: Path, skills: int) -> None:
    own, objects = episode()
    model = trained_like(ModelConfig(skills=skills), np.concatenate([own[:, 0], objects[:, 0]], -1))
    assert isinstance(model, SkillModel)
    policy = Policy(load_bundle(write_bundle(model, tmp_path / "policy", VALUES)))
    with torch.no_grad():
        own_flat, both = inputs_of(model, torch.from_numpy(own), torch.from_numpy(objects))
        probabilities = torch.softmax(model.high(both), -1)
        latents = model.mid(both).mean
        for t in range(STEPS):
            step = policy(own[t], objects[t])
            np.testing.assert_allclose(step.probabilities, probabilities[t], atol=1e-5)
            assert step.skill == int(probabilities[t].argmax())
            np.testing.assert_allclose(step.latent, latents[step.skill, t], atol=1e-5)
            action = model.low(own_flat[t : t + 1], latents[step.skill, t : t + 1])[0]
            np.testing.assert_allclose(step.action[:4], action[:4], atol=1e-5)
            # The fingers' command is the nearest of open, hold and close.
            assert step.action[4] == min((-1.0, 0.0, 1.0), key=lambda command: abs(command - float(action[4])))


def test_the_stacking_of_training_is_that_of_the_cell(tmp_path: Path) -> None:
    own, objects = episode()
    model = trained_like(ModelConfig(), np.concatenate([own[:, 0], objects[:, 0]], -1))
    single = torch.from_numpy(np.concatenate([own[:, 0], objects[:, 0]], -1))
    padded = torch.cat([single[:1].expand(2, -1), single, single[-1:].expand(5, -1)])
    stacked = stack(padded, model.normaliser, model.config)
    own_flat, both = inputs_of(model, torch.from_numpy(own), torch.from_numpy(objects))
    torch.testing.assert_close(stacked.own, own_flat)
    torch.testing.assert_close(stacked.all, both)
    assert stacked.future.shape == (STEPS, 5 * FRAME)
    torch.testing.assert_close(stacked.future[10, :FRAME], model.normaliser(single[11]))


def test_every_skill_of_the_mid_level_is_exported(tmp_path: Path) -> None:
    own, objects = episode()
    model = trained_like(ModelConfig(skills=4), np.concatenate([own[:, 0], objects[:, 0]], -1))
    assert isinstance(model, SkillModel)
    mid = MidLevel(load_bundle(write_bundle(model, tmp_path / "policy", VALUES)))
    with torch.no_grad():
        latents = model.mid(inputs_of(model, torch.from_numpy(own), torch.from_numpy(objects))[1]).mean
    for skill in range(4):
        np.testing.assert_allclose(mid(own[50], objects[50], skill), latents[skill, 50], atol=1e-5)
    assert np.abs(latents[0, 50] - latents[1, 50]).max() > 1e-3


def test_a_clone_is_a_bundle_too(tmp_path: Path) -> None:
    own, objects = episode()
    model = trained_like(ModelConfig(kind="bc", skills=1), np.concatenate([own[:, 0], objects[:, 0]], -1))
    assert isinstance(model, BehaviourClone)
    policy = Policy(load_bundle(write_bundle(model, tmp_path / "policy", VALUES)))
    with torch.no_grad():
        actions = model(inputs_of(model, torch.from_numpy(own), torch.from_numpy(objects))[1])
    for t in range(0, STEPS, 7):
        np.testing.assert_allclose(policy(own[t], objects[t]).action, decided(actions[t]), atol=1e-5)


def test_fingers_of_an_unsure_network_sticky_where_they_are() -> None:
    means = torch.tensor([[0.3, -0.7, 0.1, 0.9, finger] for finger in (-0.9, -0.3, 0.02, 0.4, 0.6)])
    action = decided(means)
    assert action[:, 4].tolist() == [-1.0, 0.0, 0.0, 0.0, 1.0]
    torch.testing.assert_close(action[:, :4], means[:, :4])


def test_a_failed_export_leaves_the_old_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = trained_like(ModelConfig(), np.ones((2, FRAME)))
    write_bundle(model, tmp_path / "policy", VALUES)
    before = (tmp_path / "policy" / "manifest.yaml").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("helms_learning.export.write_manifest", full)
    with pytest.raises(Exception, match="No space left on device"):
        write_bundle(model, tmp_path / "policy", VALUES)
    assert (tmp_path / "policy" / "manifest.yaml").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["policy"]
