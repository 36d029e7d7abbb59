"""Randomisation: ranges, draws, and their effects."""

import json

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helms_control.errors import HelmsError
from helms_control.spec import OBJECTS, PROPRIOCEPTION
from helms_sim.env import StackEnv
from helms_sim.objects import object_set
from helms_sim.randomisation import RANDOMISATIONS, Physics, Randomisation, apply, perturb, randomisation
from helms_sim.scene.model import cell_model


def fresh_model() -> mujoco.MjModel:
    return cell_model(object_set(4, np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("field", "bounds", "message"),
    [
        ("object_mass", (1.2, 0.8), r"object_mass is \(1.2, 0.8\).*Swap the two"),
        ("object_friction", (-0.1, 1.0), r"object_friction is \(-0.1, 1.0\); allowed is 0 to inf"),
        ("object_size", (0.9, 1.0), r"object_size is \(0.9, 1.0\); allowed is 0.95 to 1.05"),
        ("action_delay", (0, 3), r"action_delay is \(0, 3\); allowed is 0 to 2"),
        ("action_delay", (0, 1.5), r"action_delay is \(0, 1.5\); delays are whole control steps"),
        ("noise", (0.0, float("nan")), r"noise is \(0.0, nan\); it must be finite"),
    ],
)
def test_contradictory_ranges_are_refused(field: str, bounds: tuple[float, float], message: str) -> None:
    with pytest.raises(HelmsError, match=message):
        Randomisation(**{field: bounds})  # type: ignore[arg-type]


def test_unknown_preset_lists_those_that_exist() -> None:
    with pytest.raises(HelmsError, match=r"unknown randomisation 'train'; choose one of: off, training, hard"):
        randomisation("train")


def test_off_draws_the_nominal_cell() -> None:
    assert randomisation("off").draw(np.random.default_rng(5)) == Physics()


@given(st.sampled_from(["training", "hard"]), st.integers(0, 2**32))
def test_draws_stay_in_their_ranges(preset: str, seed: int) -> None:
    ranges = RANDOMISATIONS[preset]
    drawn = ranges.draw(np.random.default_rng(seed))
    for name, value in drawn.to_dict().items():
        low, high = getattr(ranges, name)
        assert np.all((np.asarray(value) >= low) & (np.asarray(value) <= high))


def test_same_seed_same_draw_and_json() -> None:
    first, second = (randomisation("hard").draw(np.random.default_rng(7)) for _ in range(2))
    assert first == second
    assert json.loads(json.dumps(first.to_dict()))["action_delay"] == first.action_delay


def test_a_preset_does_not_shift_other_draws() -> None:
    after = []
    for preset in RANDOMISATIONS.values():
        rng = np.random.default_rng(3)
        preset.draw(rng)
        after.append(rng.uniform())
    assert len(set(after)) == 1


def test_nominal_physics_changes_no_byte() -> None:
    model, untouched = fresh_model(), fresh_model()
    apply(Physics(), model)
    np.testing.assert_array_equal(model.geom_friction, untouched.geom_friction)
    np.testing.assert_array_equal(model.body_mass, untouched.body_mass)


def test_each_factor_scales_its_own_quantity() -> None:
    model, nominal = fresh_model(), fresh_model()
    physics = Physics(
        object_mass=(2.0, 1.0, 0.5), object_friction=(1.5, 1.0, 1.0), joint_damping=(3.0,) * 7, gripper_gain=0.5
    )
    apply(physics, model)
    red, blue = model.body("red").id, model.body("blue").id
    assert model.body_mass[red] == pytest.approx(0.4)
    assert model.body_mass[blue] == pytest.approx(0.1)
    np.testing.assert_allclose(model.body_inertia[red], 2.0 * nominal.body_inertia[red])
    np.testing.assert_allclose(model.geom("red").friction, 1.5 * nominal.geom("red").friction)
    np.testing.assert_allclose(model.dof_damping[:7], 3.0 * nominal.dof_damping[:7])
    np.testing.assert_allclose(model.dof_damping[7:], nominal.dof_damping[7:])
    np.testing.assert_allclose(model.actuator_forcerange[7], [-2.5, 2.5])
    np.testing.assert_allclose(model.actuator_gainprm[:7], nominal.actuator_gainprm[:7])


def test_noise_and_bias_reach_the_vectors_and_spare_the_rest() -> None:
    own, seen = np.zeros(PROPRIOCEPTION.size), np.zeros(OBJECTS.size)
    own[PROPRIOCEPTION.slices["tcp_pose"].start + 3] = 1.0
    seen.reshape(6, 7)[:, 3] = 1.0
    perturb(Physics(force_bias=(1.0, 2.0, 3.0), noise=1.0), own, seen, np.random.default_rng(0))
    np.testing.assert_allclose(own[PROPRIOCEPTION.slices["wrist_force"]], [1.0, 2.0, 3.0], atol=1.5)
    assert own[PROPRIOCEPTION.slices["grasp"]] == 0.0
    assert 0.0 < np.abs(seen.reshape(6, 7)[:, :3]).max() < 0.01
    np.testing.assert_allclose(np.linalg.norm(seen.reshape(6, 7)[:, 3:], axis=1), 1.0)


def test_a_delayed_action_moves_the_arm_later() -> None:
    moved = []
    for delay in (0, 2):
        env = StackEnv()
        env.reset(seed=4)
        env._delayed.extend(np.zeros((delay, 5)))
        start = env.cell.data.ctrl[:7].copy()
        for step in range(4):
            env.step([1.0, 0.0, 0.0, 0.0, 0.0])
            if np.abs(env.cell.data.ctrl[:7] - start).max() > 0.05:
                moved.append(step)
                break
    assert moved == [0, 2]


def test_hard_episodes_run_and_differ_in_size() -> None:
    env = StackEnv(randomisation="hard")
    _, info = env.reset(seed=11)
    assert len(set(info["physics"]["object_size"])) == 3
    for _ in range(5):
        observation, *_ = env.step(np.zeros(5))
    assert all(np.isfinite(value).all() for value in observation.values())
