"""Input features "tool": gripper frame, three scales, lowest points above faces, no arm velocities."""

from pathlib import Path

import mujoco
import numpy as np
import pytest
import torch
from helms_learning.models.configuration import ModelConfig
from helms_learning.models.features import FRAME, own_features, seen_features, sizes, to_base
from helms_learning.models.graphs import decided
from helms_learning.models.layers import Normaliser
from helms_learning.models.skills import SkillModel, stack
from torch import Tensor

from helms_control.policy import Policy, load_bundle
from helms_control.spec import OBJECTS, PROPRIOCEPTION
from helms_learning.export import write_bundle
from helms_sim.env import StackEnv
from helms_sim.expert.view import View
from helms_sim.objects.geometry import centroid

NORMALISER = Normaliser(FRAME).double()
TOOL = PROPRIOCEPTION.slices["tcp_pose"].start
OFFSETS, TURNS, SHAPES = slice(0, 81), slice(104, 131), slice(131, 215)


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
    for part in (OFFSETS, TURNS, SHAPES):
        torch.testing.assert_close(after[:, part], before[:, part], atol=1e-9, rtol=0)
    assert (features(*scene(-0.6))[:, OFFSETS] - before[:, OFFSETS]).abs().max() > 0.1


def test_orientations_are_seen_as_mujocos_matrices_from_above() -> None:
    own, seen = scene(0.3)
    found = features(own, seen)[0, TURNS].reshape(3, 3, 3)
    for item in range(3):
        pose = multiplied(about_z(-0.3), seen[0, 7 * item + 3 : 7 * item + 7].numpy())
        np.testing.assert_allclose(found[item], matrix_of(pose), atol=1e-6)


def test_a_quaternion_and_its_negative_are_seen_alike() -> None:
    own, seen = scene(0.3)
    negative, opposite = seen.clone(), own.clone()
    for start in range(0, 42, 7):
        negative[:, start + 3 : start + 7] *= -1.0
    opposite[:, TOOL + 3 : TOOL + 7] *= -1.0
    torch.testing.assert_close(features(opposite, negative), features(own, seen))


def test_two_millimetres_are_seen() -> None:
    own, seen = scene(0.0)
    near = seen.clone()
    start = OBJECTS.slices["red_to_pinch"].start
    seen[:, start : start + 3] = 0.0
    near[:, start : start + 3] = torch.tensor([0.002, 0.0, 0.0])
    change = features(own, near) - features(own, seen)
    # The centre of mass is a few millimetres from the origin: at most 2 tanh(0.2), and more than half of it.
    assert np.tanh(0.2) < change[:, OFFSETS].abs().max() <= 2.0 * np.tanh(0.2)


def test_the_foot_of_what_is_carried_is_seen_above_the_face_below() -> None:
    env = StackEnv(object_set=4)
    frame, _ = env.reset(seed=0)
    view = View(env)
    red, blue = view.solid(0), view.solid(2)
    own, seen = (torch.from_numpy(frame[name][:1]).double() for name in ("proprioception", "objects"))
    # Of the pairs that follow the three centres of mass: red's foot from blue's upper face is the second.
    found = 0.1 * features(own, seen)[0, 9 + 3 : 9 + 6].numpy()
    polygon = blue.polygons[blue.face(+1.0)]
    foot = np.array([*red.com[:2], red.bottom]) - centroid(polygon)
    ahead = own_features(own, NORMALISER, "tool")[0, :2].numpy()
    np.testing.assert_allclose(found, [ahead @ foot[:2], ahead[0] * foot[1] - ahead[1] * foot[0], foot[2]], atol=1e-5)


def test_motion_is_not_seen_but_the_fingers_history_is() -> None:
    scenes = [scene(0.1 * step, seed=step) for step in range(8)]
    own, seen = (torch.cat([one[part] for one in scenes]) for part in (0, 1))
    model = SkillModel(ModelConfig(inputs="tool", width=8, look_ahead=0)).double()
    before = stack(torch.cat([own, seen], -1), model.normaliser, model.config)
    for name in ("joint_angle", "joint_velocity", "joint_torque", "tcp_velocity"):
        own[:, PROPRIOCEPTION.slices[name]] += 1.0
    torch.testing.assert_close(stack(torch.cat([own, seen], -1), model.normaliser, model.config).all, before.all)
    # Of the two older frames of the first step, only the fingers count.
    own[:2, PROPRIOCEPTION.slices["tcp_pose"]], seen[:2] = 0.5, 0.5
    torch.testing.assert_close(stack(torch.cat([own, seen], -1), model.normaliser, model.config).all[0], before.all[0])
    own[:2, PROPRIOCEPTION.slices["gripper_angle"]] += 0.5
    assert (stack(torch.cat([own, seen], -1), model.normaliser, model.config).all[0] - before.all[0]).abs().sum() > 0.5


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
    stacked = stack(
        torch.cat([single[:1], single[:1], single, single[-1:].expand(5, -1)]), model.normaliser, model.config
    )
    values = {"tasks": ("red_on_blue",), "object_sets": ("4",), "training": {}}
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
