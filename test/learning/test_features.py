"""Geometric inputs: rotation matrices, the fine scale, and harmonics of angles about the tool's axis."""

from pathlib import Path

import mujoco
import numpy as np
import pytest
import torch
from torch import Tensor

from helms_control.policy import Policy, load_bundle
from helms_control.spec import OBJECTS, PROPRIOCEPTION
from helms_learning.export import write_bundle
from helms_learning.models import ModelConfig, SkillModel
from helms_learning.models.features import FRAME, own_features, seen_features, sizes
from helms_learning.models.graphs import decided
from helms_learning.models.layers import Normaliser

TURNED = ("red_to_pinch", "green_to_pinch", "blue_to_pinch")


def frames(count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Draw proprioception (count, 43) and objects (count, 42) with unit quaternions."""
    rng = np.random.default_rng(seed)
    own, seen = rng.normal(size=(count, PROPRIOCEPTION.size)), 0.1 * rng.normal(size=(count, OBJECTS.size))
    for values, starts in ((own, [PROPRIOCEPTION.slices["tcp_pose"].start]), (seen, range(0, 42, 7))):
        for start in starts:
            turn = rng.normal(size=(count, 4))
            values[:, start + 3 : start + 7] = turn / np.linalg.norm(turn, axis=1, keepdims=True)
    return torch.from_numpy(own), torch.from_numpy(seen)


def turned_about_z(seen: Tensor, angle: float) -> Tensor:
    """Return object states with every orientation in the pinch frame turned about its z axis."""
    turned, turn = seen.clone(), np.array([np.cos(angle / 2), 0.0, 0.0, np.sin(angle / 2)])
    for name in TURNED:
        start = OBJECTS.slices[name].start
        for row in turned:
            result = np.zeros(4)
            mujoco.mju_mulQuat(result, turn, row[start + 3 : start + 7].numpy())
            row[start + 3 : start + 7] = torch.from_numpy(result)
    return turned


def harmonics(seen: Tensor) -> tuple[Tensor, Tensor]:
    """Return the second and the fourth harmonics, (N, 18) each."""
    last = seen_features(seen, Normaliser(FRAME).double(), "geometric")[:, -36:]
    return last[:, :18], last[:, 18:]


def test_orientations_are_seen_as_mujoco_s_rotation_matrices() -> None:
    own, _ = frames(5)
    start = PROPRIOCEPTION.slices["tcp_pose"].start + 3
    found = own_features(own, Normaliser(FRAME).double(), "geometric")
    assert found.shape == (5, sizes("geometric")[0])
    for row, quaternion in zip(found, own[:, start : start + 4].numpy(), strict=True):
        expected = np.zeros(9)
        mujoco.mju_quat2Mat(expected, quaternion)
        np.testing.assert_allclose(row[-9:], expected, atol=1e-12)


def test_a_quaternion_and_its_negative_are_seen_alike() -> None:
    _, seen = frames(5)
    negative = seen.clone()
    for start in range(0, 42, 7):
        negative[:, start + 3 : start + 7] *= -1.0
    normaliser = Normaliser(FRAME).double()
    found = seen_features(seen, normaliser, "geometric")
    assert found.shape == (5, sizes("geometric")[1])
    torch.testing.assert_close(seen_features(negative, normaliser, "geometric"), found)


def test_harmonics_do_not_change_with_half_and_quarter_turns_of_the_tool() -> None:
    _, seen = frames(5)
    second, fourth = harmonics(seen)
    half, quarter = turned_about_z(seen, np.pi), turned_about_z(seen, np.pi / 2)
    torch.testing.assert_close(harmonics(half), (second, fourth))
    torch.testing.assert_close(harmonics(quarter), (-second, fourth))
    other = harmonics(turned_about_z(seen, np.pi / 4))
    torch.testing.assert_close(other[1], -fourth)
    assert (other[0] - second).abs().max() > 0.1


def test_harmonics_by_hand() -> None:
    seen = torch.zeros(1, 42, dtype=torch.float64)
    seen[:, 3::7] = 1.0
    # A turn of 0.3 rad about z: the body's x axis points 0.3 rad beside the frame's, its y axis a quarter turn further.
    second, fourth = harmonics(turned_about_z(seen, 0.3))
    assert second[0, [0, 3, 9, 12]].tolist() == pytest.approx(
        [np.cos(0.6), -np.cos(0.6), np.sin(0.6), -np.sin(0.6)], abs=1e-12
    )
    assert fourth[0, [0, 3, 9, 12]].tolist() == pytest.approx([np.cos(1.2)] * 2 + [np.sin(1.2)] * 2, abs=1e-12)
    # The z axis stands upright.
    assert second[0, [6, 15]].tolist() == fourth[0, [6, 15]].tolist() == [0.0, 0.0]


def test_two_millimetres_are_seen() -> None:
    _, seen = frames(1)
    near = seen.clone()
    start = OBJECTS.slices["red_to_pinch"].start
    seen[:, start : start + 3] = 0.0
    near[:, start : start + 3] = torch.tensor([0.002, 0.0, 0.0])
    normaliser = Normaliser(FRAME).double()
    change = seen_features(near, normaliser, "geometric") - seen_features(seen, normaliser, "geometric")
    assert change.abs().max() == pytest.approx(np.tanh(0.1), rel=1e-6)


def test_each_millimetre_of_a_resting_object_s_height_is_seen() -> None:
    seen = torch.zeros(12, 42, dtype=torch.float64)
    seen[:, 2] = torch.arange(0.064, 0.076, 0.001)
    bumps = seen_features(seen, Normaliser(FRAME).double(), "geometric")[:, -36 - 36 : -36]
    assert bumps[:, 12:].abs().max() < 1e-6
    apart = torch.cdist(bumps, bumps) + 9.0 * torch.eye(12)
    assert apart.min() > 0.3
    # Bumps stand at 62.8 mm and 64.8 mm, 1.5 mm wide: exp(-(1.2 / 1.5)^2) and exp(-(0.8 / 1.5)^2).
    assert bumps[0, :2].tolist() == pytest.approx([0.5273, 0.7524], abs=1e-4)


def test_poses_hide_how_the_arm_moves_but_not_the_fingers_history() -> None:
    own, seen = frames(8)
    model = SkillModel(ModelConfig(inputs="poses", width=8, look_ahead=0)).double()
    before = model.inputs(torch.cat([own, seen], -1))
    for name in ("joint_angle", "joint_velocity", "joint_torque", "tcp_velocity"):
        own[:, PROPRIOCEPTION.slices[name]] += 1.0
    after = model.inputs(torch.cat([own, seen], -1))
    torch.testing.assert_close(after.all, before.all)
    # Of the two older frames of the first step, only the fingers count.
    own[:2, PROPRIOCEPTION.slices["tcp_pose"]], seen[:2] = 0.5, 0.5
    torch.testing.assert_close(model.inputs(torch.cat([own, seen], -1)).all[0], before.all[0])
    own[:2, PROPRIOCEPTION.slices["gripper_angle"]] += 0.5
    assert (model.inputs(torch.cat([own, seen], -1)).all[0] - before.all[0]).abs().sum() > 0.5


@pytest.mark.parametrize("inputs", ["raw", "geometric", "poses"])
def test_onnx_equals_pytorch(tmp_path: Path, inputs: str) -> None:
    torch.manual_seed(0)
    model = SkillModel(ModelConfig(inputs=inputs, skills=3, width=32)).eval()
    own, seen = (values.float() for values in frames(20))
    single = torch.cat([own, seen], -1)
    stacked = model.inputs(torch.cat([single[:1], single[:1], single, single[-1:].expand(5, -1)]))
    values = {"task": "red_on_blue", "object_sets": ("4",), "training": {}}
    policy = Policy(load_bundle(write_bundle(model, tmp_path / "policy", values)))
    with torch.no_grad():
        logits, latents = model.high(stacked.all), model.mid(stacked.all).mean
        for t in range(20):
            rows = [max(t - age, 0) for age in range(3)]
            step = policy(own[rows].numpy(), seen[rows].numpy())
            assert step.skill == int(logits[t].argmax())
            np.testing.assert_allclose(step.latent, latents[step.skill, t], atol=1e-5)
            action = decided(model.low(stacked.own[t : t + 1], latents[step.skill, t : t + 1])[0])
            np.testing.assert_allclose(step.action, action, atol=1e-5)
