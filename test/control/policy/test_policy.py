import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
import yaml
from onnx import numpy_helper

from helms_control.errors import HelmsError
from helms_control.policy import HighLevel, LowLevel, MidLevel, Policy, PolicyInputError, load_bundle, read_manifest
from helms_control.spec import SPEC
from test.control.policy.make_bundle import LATENT, make_bundle, sign

Array = npt.NDArray[Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "bundle")


def observation(seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, 43)).astype(np.float32), rng.normal(size=(3, 42)).astype(np.float32)


def features(weights: Mapping[str, Array], level: str, *parts: Array) -> Array:
    joined = np.concatenate([part.ravel() for part in parts]).astype(np.float64)
    normalised = (joined - weights[f"{level}.mean"]) / weights[f"{level}.deviation"]
    return np.tanh(normalised @ weights[f"{level}.w0"] + weights[f"{level}.b0"])


@pytest.mark.parametrize("seed", range(3))
def test_all_levels_equal_the_same_weights_in_numpy(folder: Path, seed: int) -> None:
    weights, (own, seen) = np.load(folder / "weights.npz"), observation(seed)
    step = Policy(load_bundle(folder))(own, seen)
    logits = features(weights, "high_level", own, seen) @ weights["high_level.w1"] + weights["high_level.b1"]
    np.testing.assert_allclose(step.probabilities, np.exp(logits) / np.exp(logits).sum(), atol=1e-5)
    assert step.skill == int(logits.argmax())
    latent = features(weights, "mid_level", own, seen) @ weights["mid_level.w1"][step.skill]
    np.testing.assert_allclose(step.latent, latent, atol=1e-5)
    unbounded = features(weights, "low_level", own, latent) @ weights["low_level.w1"] + weights["low_level.b1"]
    np.testing.assert_allclose(step.action, np.tanh(unbounded), atol=1e-5)
    assert step.action.dtype == np.float64


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first, second = make_bundle(tmp_path / "a"), make_bundle(tmp_path / "b")
    assert all((first / f.name).read_bytes() == f.read_bytes() for f in second.iterdir())


def test_the_manifest_says_what_was_written(folder: Path) -> None:
    manifest = read_manifest(folder / "manifest.yaml")
    assert (manifest.skills, manifest.latent, manifest.spec_hash) == (5, LATENT, SPEC.hash)
    assert load_bundle(folder).fingerprint == hashlib.sha256((folder / "manifest.yaml").read_bytes()).hexdigest()


def flip(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)


def change(folder: Path, **keys: object) -> None:
    manifest = yaml.safe_load((folder / "manifest.yaml").read_text())
    manifest |= keys
    (folder / "manifest.yaml").write_text(yaml.safe_dump({k: v for k, v in manifest.items() if v is not None}))


def poison(folder: Path) -> None:
    model = onnx.load(str(folder / "low_level.onnx"))
    for weight in model.graph.initializer:
        if weight.name == "b1":
            weight.CopyFrom(numpy_helper.from_array(np.full(5, np.nan, np.float32), "b1"))
    onnx.save(model, str(folder / "low_level.onnx"))
    sign(folder)


def rename_input(folder: Path) -> None:
    content = (folder / "high_level.onnx").read_bytes().replace(b"proprioception", b"proprioceptiom")
    (folder / "high_level.onnx").write_bytes(content)
    sign(folder)


def garbage(folder: Path) -> None:
    (folder / "mid_level.onnx").write_bytes(b"no graph")
    sign(folder)


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda f: flip(f, "high_level.onnx"), "high_level.onnx is not the file that the manifest describes"),
        (lambda f: flip(f, "mid_level.onnx"), "mid_level.onnx is not the file"),
        (lambda f: flip(f, "low_level.onnx"), "low_level.onnx is not the file"),
        (lambda f: (f / "mid_level.onnx").unlink(), "mid_level.onnx is missing: No such file"),
        (lambda f: (f / "manifest.yaml").unlink(), "is no bundle: it has no manifest.yaml"),
        (lambda f: (f / "manifest.yaml").write_text("- a"), "holds a list; a manifest is a mapping"),
        (lambda f: (f / "manifest.yaml").write_text("a: ["), "cannot be read"),
        (lambda f: change(f, skills=4), r"probabilities is tensor\(float\) \[1, 5\]; contract and manifest want"),
        (lambda f: change(f, skills=0), "skills is 0 and latent 8; allowed are 1 to 255"),
        (lambda f: change(f, skills="5"), "skills is a str; it must be a int"),
        (lambda f: change(f, latent=7), r"latent is tensor\(float\) \[1, 8\]"),
        (lambda f: change(f, spec_hash="0" * 64), "was made for spec 1.0.0 .000000000000., but this helms uses spec"),
        (lambda f: change(f, colour="red"), r"unknown keys \['colour'\]"),
        (lambda f: change(f, tasks=None), r"missing keys \['tasks'\]"),
        (
            lambda f: change(f, format=1),
            "is of format 1; this release reads format 2: export the run anew with helms export",
        ),
        (lambda f: change(f, frame_order="oldest first"), "frame_order is 'oldest first'"),
        (lambda f: change(f, files={"high_level.onnx": "0"}), "a bundle has"),
        (poison, "answers zeros with shape"),
        (rename_input, r"has the inputs \['objects', 'proprioceptiom'\]"),
        (garbage, "is no graph that ONNX Runtime can load"),
    ],
)
def test_a_broken_bundle_is_refused(folder: Path, break_it: Callable[[Path], object], message: str) -> None:
    break_it(folder)
    with pytest.raises(HelmsError, match=message):
        load_bundle(folder)


def test_files_of_other_levels_are_checked_too(folder: Path) -> None:
    flip(folder, "low_level.onnx")
    with pytest.raises(HelmsError, match=r"low_level.onnx is not the file"):
        load_bundle(folder, ("high",))


def test_a_file_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(HelmsError, match="is no folder; a bundle is a folder with"):
        load_bundle(tmp_path / "none")


def test_inputs_that_break_the_contract_are_refused(folder: Path) -> None:
    bundle, (own, seen) = load_bundle(folder), observation(0)
    bad = seen.copy()
    bad[2, 41] = np.nan
    with pytest.raises(PolicyInputError, match=r"objects\[2, 41\] is not finite"):
        HighLevel(bundle)(own, bad)
    with pytest.raises(PolicyInputError, match=r"proprioception has shape \(2, 43\); the policy wants \(3, 43\)"):
        MidLevel(bundle)(own[:2], seen, 0)
    with pytest.raises(PolicyInputError, match="skill is 5; this policy has the skills 0 to 4"):
        MidLevel(bundle)(own, seen, 5)
    with pytest.raises(PolicyInputError, match=r"latent has shape \(7,\)"):
        LowLevel(bundle)(own, np.zeros(7, np.float32))


def test_a_whole_policy_refuses_what_its_levels_refuse(folder: Path) -> None:
    policy, (own, seen) = Policy(load_bundle(folder)), observation(0)
    bad = own.copy()
    bad[0, 3] = np.inf
    with pytest.raises(PolicyInputError, match=r"proprioception\[0, 3\] is not finite"):
        policy(bad, seen)
    with pytest.raises(PolicyInputError, match=r"objects has shape \(3, 41\); the policy wants \(3, 42\)"):
        policy(own, seen[:, 1:])


def test_a_whole_policy_says_what_its_levels_say_one_by_one(folder: Path) -> None:
    bundle, (own, seen) = load_bundle(folder), observation(1)
    step = Policy(bundle)(own, seen)
    skill, probabilities = HighLevel(bundle)(own, seen)
    latent = MidLevel(bundle)(own, seen, skill)
    assert step.skill == skill
    for ours, theirs in (
        (step.probabilities, probabilities),
        (step.latent, latent),
        (step.action, LowLevel(bundle)(own, latent)),
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_large_finite_numbers_are_no_infinity(folder: Path) -> None:
    own, seen = observation(0)
    own[0, :2] = 3e38
    assert np.isfinite(Policy(load_bundle(folder))(own, seen).action).all()
