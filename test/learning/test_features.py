"""Inputs as the tool sees them: axes of the tool, three scales, harmonics, aims of the wrist, resting heights."""

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
from helms_learning.models.features import FRAME, own_features, seen_features, sizes, to_base
from helms_learning.models.graphs import decided
from helms_learning.models.layers import Normaliser
from helms_sim.expert.grasp import closing_axis

NORMALISER = Normaliser(FRAME).double()
TOOL = PROPRIOCEPTION.slices["tcp_pose"].start
OFFSETS, TURNS, HARMONICS = slice(0, 54), slice(63, 90), slice(90, 126)
AIMS, BUMPS = slice(144, 171), slice(171, 207)


def multiplied(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the product of two quaternions."""
    result = np.zeros(4)
    mujoco.mju_mulQuat(result, first, second)
    return result


def about_z(angle: float) -> np.ndarray:
    """Return a turn about z as a quaternion."""
    return np.array([np.cos(angle / 2), 0.0, 0.0, np.sin(angle / 2)])


def matrix_of(quaternion: np.ndarray) -> np.ndarray:
    """Return MuJoCo's rotation matrix of a quaternion."""
    result = np.zeros(9)
    mujoco.mju_quat2Mat(result, quaternion)
    return result.reshape(3, 3)


def scene(yaw: float, turned: float = 0.0, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return one frame, (1, 43) and (1, 42): a tool that points down at a yaw, and objects anywhere.

    Args:
        yaw: of the tool, rad.
        turned: rotation of everything about the vertical through the pinch point, rad.
        seed: of the objects.
    """
    rng = np.random.default_rng(seed)
    own, seen = rng.normal(size=PROPRIOCEPTION.size), np.zeros(OBJECTS.size)
    pinch = np.array([0.6, 0.0, 0.15])
    tool = multiplied(about_z(yaw + turned), np.array([0.0, 1.0, 0.0, 0.0]))
    own[TOOL : TOOL + 3], own[TOOL + 3 : TOOL + 7] = pinch, tool
    back = tool * np.array([1.0, -1.0, -1.0, -1.0])
    for item in range(3):
        offset = matrix_of(about_z(turned)) @ rng.uniform(-0.1, 0.1, 3)
        pose = rng.normal(size=4)
        pose = multiplied(about_z(turned), pose / np.linalg.norm(pose))
        seen[7 * item : 7 * item + 7] = [*(pinch + offset), *pose]
        seen[21 + 7 * item : 28 + 7 * item] = [*offset, *multiplied(back, pose)]
    return torch.from_numpy(own)[None], torch.from_numpy(seen)[None]


def features(own: Tensor, seen: Tensor) -> Tensor:
    """Return what is seen of the objects."""
    found = seen_features(seen, own_features(own, NORMALISER, "tool"), NORMALISER, "tool")
    assert found.shape[-1] == sizes("tool")[1]
    return found


def test_the_tools_heading_is_seen() -> None:
    own = own_features(scene(0.7)[0], NORMALISER, "tool")
    assert own.shape == (1, sizes("tool")[0])
    assert own[0, :3].tolist() == pytest.approx([np.cos(0.7), np.sin(0.7), 0.7], abs=1e-6)


def test_whatever_turns_with_the_tool_looks_the_same() -> None:
    before, after = features(*scene(0.3)), features(*scene(0.3, turned=-0.9))
    for part in (OFFSETS, TURNS, HARMONICS):
        torch.testing.assert_close(after[:, part], before[:, part], atol=1e-9, rtol=0)
    assert (features(*scene(-0.6))[:, OFFSETS] - before[:, OFFSETS]).abs().max() > 0.1


def test_orientations_are_seen_as_mujocos_matrices_in_the_pinch_frame() -> None:
    own, seen = scene(0.3)
    found = features(own, seen)[0, TURNS].reshape(3, 3, 3)
    for item in range(3):
        np.testing.assert_allclose(found[item], matrix_of(seen[0, 24 + 7 * item : 28 + 7 * item].numpy()), atol=1e-12)


def test_a_quaternion_and_its_negative_are_seen_alike() -> None:
    own, seen = scene(0.3)
    negative, opposite = seen.clone(), own.clone()
    for start in range(0, 42, 7):
        negative[:, start + 3 : start + 7] *= -1.0
    opposite[:, TOOL + 3 : TOOL + 7] *= -1.0
    torch.testing.assert_close(features(opposite, negative), features(own, seen))


def test_harmonics_do_not_change_with_half_and_quarter_turns_of_the_tool() -> None:
    second, fourth = (features(*scene(0.3))[:, part] for part in (slice(90, 108), slice(108, 126)))
    # Objects stay; only the tool turns.
    half, quarter = features(*scene(0.3 + np.pi)), features(*scene(0.3 + np.pi / 2))
    torch.testing.assert_close(half[:, 90:108], second)
    torch.testing.assert_close(quarter[:, 90:108], -second)
    torch.testing.assert_close(quarter[:, 108:126], fourth)
    assert (features(*scene(0.7))[:, 90:108] - second).abs().max() > 0.1


@pytest.mark.parametrize("yaw", [-1.2, 0.0, 0.4])
def test_aims_are_where_the_fingers_close_along_an_axis(yaw: float) -> None:
    own, seen = scene(yaw, seed=3)
    found = features(own, seen)[0, AIMS].reshape(3, 9)
    for item in range(3):
        matrix = matrix_of(seen[0, 7 * item + 3 : 7 * item + 7].numpy())
        for axis in range(3):
            across = matrix[:2, axis]
            lies = min(np.sqrt((across @ across) ** 2 + 1e-6) / 0.3, 1.0)
            aim, left, fine = (found[item, part + axis].item() / lies for part in (0, 3, 6))
            assert abs(aim) <= np.pi / 2
            assert abs(closing_axis(aim) @ across) == pytest.approx(float(np.linalg.norm(across)), rel=1e-6)
            assert left == pytest.approx(aim - yaw, abs=1e-6)
            assert fine == pytest.approx(np.tanh((aim - yaw) / 0.2), abs=1e-6)


def test_two_millimetres_are_seen() -> None:
    own, seen = scene(0.0)
    near = seen.clone()
    start = OBJECTS.slices["red_to_pinch"].start
    seen[:, start : start + 3] = 0.0
    near[:, start : start + 3] = torch.tensor([0.002, 0.0, 0.0])
    change = features(own, near) - features(own, seen)
    assert change[:, OFFSETS].abs().max() == pytest.approx(np.tanh(0.4), rel=1e-6)


def test_each_millimetre_of_a_resting_objects_height_is_seen() -> None:
    own, seen = scene(0.0)
    own, seen = own.expand(12, -1), seen.repeat(12, 1)
    seen[:, 2] = torch.arange(0.064, 0.076, 0.001)
    bumps = features(own, seen)[:, BUMPS][:, :12]
    apart = torch.cdist(bumps, bumps) + 9.0 * torch.eye(12)
    assert apart.min() > 0.3
    # Bumps stand at 62.8 mm and 64.8 mm, 1.5 mm wide: exp(-(1.2 / 1.5)^2) and exp(-(0.8 / 1.5)^2).
    assert bumps[0, :2].tolist() == pytest.approx([0.5273, 0.7524], abs=1e-4)


def test_motion_is_not_seen_but_the_fingers_history_is() -> None:
    scenes = [scene(0.1 * step, seed=step) for step in range(8)]
    own, seen = (torch.cat([one[part] for one in scenes]) for part in (0, 1))
    model = SkillModel(ModelConfig(inputs="tool", width=8, look_ahead=0)).double()
    before = model.inputs(torch.cat([own, seen], -1))
    for name in ("joint_angle", "joint_velocity", "joint_torque", "tcp_velocity"):
        own[:, PROPRIOCEPTION.slices[name]] += 1.0
    torch.testing.assert_close(model.inputs(torch.cat([own, seen], -1)).all, before.all)
    # Of the two older frames of the first step, only the fingers count.
    own[:2, PROPRIOCEPTION.slices["tcp_pose"]], seen[:2] = 0.5, 0.5
    torch.testing.assert_close(model.inputs(torch.cat([own, seen], -1)).all[0], before.all[0])
    own[:2, PROPRIOCEPTION.slices["gripper_angle"]] += 0.5
    assert (model.inputs(torch.cat([own, seen], -1)).all[0] - before.all[0]).abs().sum() > 0.5


def test_velocities_are_turned_back_to_the_base() -> None:
    own = own_features(scene(np.pi / 6)[0], NORMALISER, "tool")
    # 30 degrees: forward in the tool is (cos 30, sin 30) in the base.
    action = to_base(torch.tensor([[1.0, 0.0, -0.5, 0.25, 1.0]], dtype=torch.float64), own, "tool")
    assert action[0].tolist() == pytest.approx([np.sqrt(0.75), 0.5, -0.5, 0.25, 1.0], abs=1e-6)
    assert to_base(action, own, "raw") is action


@pytest.mark.parametrize("inputs", ["raw", "tool"])
def test_onnx_equals_pytorch(tmp_path: Path, inputs: str) -> None:
    torch.manual_seed(0)
    model = SkillModel(ModelConfig(inputs=inputs, skills=3, width=32)).eval()
    scenes = [scene(0.1 * step - 1.0, seed=step) for step in range(20)]
    own, seen = (torch.cat([one[part] for one in scenes]).float() for part in (0, 1))
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
