"""Levels of a bundle against the same weights in numpy; what is no valid input is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.features.geometry import ShapeError, geometry_of
from helms_control.policy import (
    FlatPolicy,
    HighLevel,
    LowLevel,
    MidLevel,
    Perception,
    Policy,
    PolicyInputError,
    Seen,
    load_bundle,
)
from helms_control.policy.contract import CHAINS
from test.control.policy.make_bundle import FLAT, HIERARCHICAL, LATENT, NPMP, make_bundle

Array = npt.NDArray[Any]

ROLES = (2, 0, 1)
"""Blue is carried, red the base."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "bundle")


def observation(seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, 43)).astype(np.float32), rng.normal(size=(3, 42)).astype(np.float32)


def box(*half: float) -> Array:
    """Vertices (8, 3) of a box."""
    return np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)]) * half


SHAPES = (box(0.02, 0.02, 0.02), box(0.03, 0.02, 0.01), box(0.015, 0.025, 0.035))


def begun(folder: Path, roles: tuple[int, int, int] = (0, 1, 2)) -> Policy:
    policy = Policy(load_bundle(folder))
    policy.begin(SHAPES, roles)
    return policy


def hidden(weights: Mapping[str, Array], level: str, *parts: Array) -> Array:
    joined = np.concatenate([part.ravel() for part in parts]).astype(np.float64)
    normalised = (joined - weights[f"{level}.mean"]) / weights[f"{level}.deviation"]
    return np.tanh(normalised @ weights[f"{level}.w0"] + weights[f"{level}.b0"])


def linear(weights: Mapping[str, Array], level: str, *parts: Array) -> Array:
    return hidden(weights, level, *parts) @ weights[f"{level}.w1"] + weights[f"{level}.b1"]


@pytest.mark.parametrize("seed", range(3))
def test_all_levels_equal_the_same_weights_in_numpy(folder: Path, seed: int) -> None:
    weights, (own, seen) = np.load(folder / "weights.npz"), observation(seed)
    step = begun(folder)(own, seen)
    logits = linear(weights, "high", own, seen)
    np.testing.assert_allclose(step.probabilities, np.exp(logits) / np.exp(logits).sum(), atol=1e-5)
    assert step.skill == int(logits.argmax())
    latent = hidden(weights, "mid", own, seen) @ weights["mid.w1"][step.skill]
    np.testing.assert_allclose(step.latent, latent, atol=1e-5)
    np.testing.assert_allclose(step.action, np.tanh(linear(weights, "low", own, latent)), atol=1e-5)
    assert step.action.dtype == np.float64


def test_without_a_high_level_the_mid_level_has_one_skill(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "bundle", levels=NPMP)
    weights, (own, seen) = np.load(folder / "weights.npz"), observation(0)
    step = begun(folder)(own, seen)
    latent = linear(weights, "mid", own, seen)
    np.testing.assert_allclose(step.latent, latent, atol=1e-5)
    np.testing.assert_allclose(step.action, np.tanh(linear(weights, "low", own, latent)), atol=1e-5)
    assert (step.skill, step.probabilities.tolist()) == (0, [1.0])


def test_one_network_has_neither_skill_nor_latent(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "bundle", levels=FLAT)
    weights, (own, seen) = np.load(folder / "weights.npz"), observation(0)
    step = begun(folder)(own, seen)
    np.testing.assert_allclose(step.action, np.tanh(linear(weights, "flat", own, seen)), atol=1e-5)
    assert (step.skill, step.probabilities.tolist(), step.latent.shape) == (0, [1.0], (0,))


@pytest.mark.parametrize("levels", CHAINS, ids=" ".join)
def test_a_whole_policy_says_what_its_levels_say_one_by_one(tmp_path: Path, levels: tuple[str, ...]) -> None:
    folder = make_bundle(tmp_path / "bundle", levels=levels)
    bundle, (own, objects) = load_bundle(folder), observation(1)
    step, perception = begun(folder)(own, objects), Perception(bundle)
    perception.begin(SHAPES, (0, 1, 2))
    seen = perception(own, objects)
    if levels == FLAT:
        np.testing.assert_array_equal(step.action, FlatPolicy(bundle)(seen))
        return
    skill = 0
    if levels == HIERARCHICAL:
        skill, probabilities = HighLevel(bundle)(seen)
        np.testing.assert_array_equal(step.probabilities, probabilities)
    latent = MidLevel(bundle)(seen, skill)
    assert step.skill == skill
    np.testing.assert_array_equal(step.latent, latent)
    np.testing.assert_array_equal(step.action, LowLevel(bundle)(seen.robot, latent))


@pytest.mark.parametrize("levels", CHAINS, ids=" ".join)
def test_same_seed_same_bytes(tmp_path: Path, levels: tuple[str, ...]) -> None:
    first, second = make_bundle(tmp_path / "a", levels=levels), make_bundle(tmp_path / "b", levels=levels)
    assert all((first / f.name).read_bytes() == f.read_bytes() for f in second.iterdir())


# What the features see.


def reordered(objects: Array, order: tuple[int, ...]) -> Array:
    """Objects (3, 42) with the poses, and the offsets behind them, in another order."""
    return objects.reshape(3, 2, 3, 7)[:, :, list(order)].reshape(3, 42)


def perceived(folder: Path, roles: tuple[int, int, int], own: Array, objects: Array) -> Seen:
    perception = Perception(load_bundle(folder, ("features",)))
    perception.begin(SHAPES, roles)
    return perception(own, objects)


def test_by_roles_the_carried_object_comes_first_then_the_base(tmp_path: Path) -> None:
    by_colour, by_role = make_bundle(tmp_path / "a"), make_bundle(tmp_path / "b", order="roles")
    own, objects = observation(0)
    np.testing.assert_array_equal(perceived(by_role, ROLES, own, objects).scene, reordered(objects, ROLES).ravel())
    np.testing.assert_array_equal(perceived(by_colour, ROLES, own, objects).scene, objects.ravel())


def test_by_roles_the_colours_do_not_matter(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "bundle", order="roles")
    own, objects = observation(0)
    # Object 0 takes the place of object 1, and so on, and the task names it by its new place.
    one, other = (
        perceived(folder, (0, 1, 2), own, objects),
        perceived(folder, (1, 2, 0), own, reordered(objects, (2, 0, 1))),
    )
    np.testing.assert_array_equal(one.scene, other.scene)


def test_by_roles_the_shapes_are_reordered_too(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "bundle", features="tool", order="roles")
    own, objects = observation(0)
    everything = np.concatenate([reordered(objects, ROLES).ravel(), *(geometry_of(SHAPES[i]).packed for i in ROLES)])
    # The features' stand-in takes every fourth of these 879 numbers.
    np.testing.assert_array_equal(
        perceived(folder, ROLES, own, objects).scene, everything[: 4 * 210 : 4].astype(np.float32)
    )


@pytest.mark.parametrize("features", ["raw", "tool", "affordances"])
@pytest.mark.parametrize("levels", [HIERARCHICAL, NPMP], ids=" ".join)
def test_the_low_level_sees_proprioception_only(tmp_path: Path, features: str, levels: tuple[str, ...]) -> None:
    folder = make_bundle(tmp_path / "bundle", features=features, order="roles", levels=levels)
    own, objects = observation(0)
    one = perceived(folder, (0, 1, 2), own, objects)
    other = perceived(folder, (0, 1, 2), own, reordered(objects, (1, 2, 0)))
    np.testing.assert_array_equal(one.robot, other.robot)
    assert (one.scene != other.scene).any(), "the objects were permuted"
    moved = perceived(folder, (0, 1, 2), own + 1.0, objects)
    assert (one.robot != moved.robot).all() and (one.scene == moved.scene).all()
    assert set(load_bundle(folder).manifest.graphs["low"].inputs) == {"robot", "latent"}


def test_no_episode_no_action(folder: Path) -> None:
    with pytest.raises(PolicyInputError, match=r"no episode was begun: the shapes .* are not known"):
        Policy(load_bundle(folder))(*observation(0))


@pytest.mark.parametrize(
    ("shapes", "roles", "error", "message"),
    [
        ((), (0, 1, 2), PolicyInputError, r"got 0 shapes and the roles \[0, 1, 2\]; wanted are 3 and an order"),
        (SHAPES[:2], (0, 1, 2), PolicyInputError, "got 2 shapes"),
        (SHAPES, (0, 1, 1), PolicyInputError, r"the roles \[0, 1, 1\]; wanted are 3 and an order"),
        (SHAPES, (1, 2, 3), PolicyInputError, r"the roles \[1, 2, 3\]"),
        ((SHAPES[0], SHAPES[1], SHAPES[2] * [1, 1, 0]), (0, 1, 2), ShapeError, "span no solid"),
    ],
)
def test_a_refused_episode_is_not_answered_with_the_shapes_of_the_one_before(
    tmp_path: Path, shapes: tuple[Array, ...], roles: tuple[int, ...], error: type[Exception], message: str
) -> None:
    policy = begun(make_bundle(tmp_path / "bundle", features="tool"))
    policy(*observation(0))
    with pytest.raises(error, match=message):
        policy.begin(shapes, roles)
    with pytest.raises(PolicyInputError, match="no episode was begun"):
        policy(*observation(0))


def test_features_without_shapes_need_none(folder: Path) -> None:
    policy = Policy(load_bundle(folder))
    policy.begin((), (0, 1, 2))
    np.testing.assert_array_equal(policy(*observation(0)).action, begun(folder)(*observation(0)).action)


# What is refused.


def test_observations_that_break_the_contract_are_refused(folder: Path) -> None:
    policy, (own, seen) = begun(folder), observation(0)
    bad = own.copy()
    bad[0, 3] = np.inf
    with pytest.raises(PolicyInputError, match=r"proprioception\[0, 3\] is not finite"):
        policy(bad, seen)
    bad = seen.copy()
    bad[2, 41] = np.nan
    with pytest.raises(PolicyInputError, match=r"objects\[2, 41\] is not finite"):
        policy(own, bad)
    with pytest.raises(PolicyInputError, match=r"objects has shape \(3, 41\); the policy wants \(3, 42\)"):
        policy(own, seen[:, 1:])
    with pytest.raises(PolicyInputError, match=r"proprioception has shape \(2, 43\); the policy wants \(3, 43\)"):
        policy(own[:2], seen)


@pytest.mark.parametrize("skill", [-1, 5])
def test_a_skill_that_is_not_there_is_refused(folder: Path, skill: int) -> None:
    seen = Seen(np.zeros(129, np.float32), np.zeros(126, np.float32))
    with pytest.raises(PolicyInputError, match=f"skill is {skill}; this policy has the skills 0 to 4"):
        MidLevel(load_bundle(folder))(seen, skill)


def test_results_that_are_not_finite_are_refused(folder: Path) -> None:
    bundle = load_bundle(folder)
    robot, scene = np.full(129, np.nan, np.float32), np.zeros(126, np.float32)
    with pytest.raises(PolicyInputError, match=r"probabilities\[0\] is not finite"):
        HighLevel(bundle)(Seen(robot, scene))
    with pytest.raises(PolicyInputError, match=r"latent\[0\] is not finite"):
        MidLevel(bundle)(Seen(robot, scene), 0)
    with pytest.raises(PolicyInputError, match=r"action\[0\] is not finite"):
        LowLevel(bundle)(robot, np.zeros(LATENT, np.float32))


def test_large_finite_numbers_are_no_infinity(folder: Path) -> None:
    own, seen = observation(0)
    own[0, :2] = 3e38
    assert np.isfinite(begun(folder)(own, seen).action).all()
