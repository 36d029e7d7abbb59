"""Effects of drawn physics on a compiled cell, against hand-worked mechanics."""

from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt
import pytest

from helms_sim.objects import object_set
from helms_sim.randomisation import Physics, apply
from helms_sim.scene.model import GRAVITY, cell_model
from helms_sim.scene.names import ARM, GRIPPER, OBJECT_QPOS

MASSES = {"body_mass", "body_inertia"}
# MuJoCo derives these from the masses.
DERIVED = {"body_subtreemass", "body_invweight0", "dof_invweight0", "dof_M0", "cam_poscom0", "light_poscom0"}
GAINS = {"actuator_gainprm", "actuator_biasprm"}
RED, SPEED = slice(11, 14), 0.4


def cell(physics: Physics) -> mujoco.MjModel:
    model = cell_model(object_set(4, np.random.default_rng(0)))
    apply(physics, model)
    return model


def saved(model: mujoco.MjModel) -> bytes:
    buffer = np.zeros(mujoco.mj_sizeModel(model), np.uint8)
    mujoco.mj_saveModel(model, None, buffer)
    return buffer.tobytes()


def arrays(model: mujoco.MjModel) -> dict[str, npt.NDArray[Any]]:
    public = (name for name in dir(model) if not name.startswith("_"))
    return {name: value for name in public if isinstance(value := getattr(model, name), np.ndarray)}


def sliding(physics: Physics) -> float:
    """Return friction over normal force of the red object in the instant in which it slides along the floor."""
    model = cell(physics)
    data, force, total = mujoco.MjData(model), np.zeros(6), np.zeros(2)
    data.qpos[OBJECT_QPOS] = np.array([[x, 0.0, 0.075, 1.0, 0.0, 0.0, 0.0] for x in (0.5, 0.6, 0.7)]).ravel()
    for colour in ("red", "green", "blue"):
        data.xfrc_applied[model.body(colour).id, 2] = -GRAVITY * model.body(colour).mass[0]
    mujoco.mj_step(model, data, nstep=200)
    data.qvel[RED] = (0.0, SPEED, 0.0)
    mujoco.mj_forward(model, data)
    for index, contact in enumerate(data.contact):
        if model.geom("red").id in contact.geom:
            mujoco.mj_contactForce(model, data, index, force)
            total += np.hypot(force[1], force[2]), force[0]
    return float(total[0] / total[1])


@pytest.mark.parametrize(
    "physics",
    [Physics(), Physics(noise=1.0), Physics(action_delay=2), Physics(force_bias=(1.0,) * 3), Physics((1.02,) * 3)],
    ids=["nominal", "noise", "delay", "bias", "size"],
)
def test_what_is_not_in_the_model_changes_no_byte_of_it(physics: Physics) -> None:
    assert saved(cell(physics)) == saved(cell(Physics()))
    assert saved(cell(Physics(finger_friction=1.1))) != saved(cell(Physics()))


@pytest.mark.parametrize(
    ("physics", "changed"),
    [
        (Physics(object_mass=(0.5, 1.0, 2.0)), MASSES | DERIVED),
        (Physics(object_friction=(1.3, 1.0, 0.7)), {"geom_friction"}),
        (Physics(finger_friction=0.7), {"geom_friction"}),
        (Physics(basket_friction=0.7), {"geom_friction"}),
        (Physics(joint_damping=(2.0,) * 7), {"dof_damping"}),
        (Physics(joint_friction=(2.0,) * 7), {"dof_frictionloss"}),
        (Physics(arm_gain=(1.1,) * 7), GAINS),
        (Physics(gripper_gain=0.8), GAINS | {"actuator_forcerange"}),
    ],
    ids=lambda value: "" if isinstance(value, Physics) else "_".join(sorted(value)),
)
def test_each_factor_changes_its_own_arrays_alone(physics: Physics, changed: set[str]) -> None:
    nominal, found = arrays(cell(Physics())), arrays(cell(physics))
    different = {name for name in nominal if nominal[name].tobytes() != found[name].tobytes()}
    assert different == changed


@pytest.mark.parametrize(
    ("physics", "geoms", "factor"),
    [
        (Physics(object_friction=(1.0, 1.0, 0.7)), {"blue"}, 0.7),
        (Physics(finger_friction=1.4), {"robot/left_fingertip", "robot/right_fingertip"}, 1.4),
    ],
)
def test_friction_of_the_named_geoms_alone_is_scaled(physics: Physics, geoms: set[str], factor: float) -> None:
    nominal, model = cell(Physics()), cell(physics)
    for geom in range(model.ngeom):
        scale = factor if model.geom(geom).name in geoms else 1.0
        np.testing.assert_allclose(model.geom_friction[geom], scale * nominal.geom_friction[geom], rtol=1e-15)


@pytest.mark.parametrize(
    ("basket", "item", "coefficient"),
    # Floor 1.0, objects 0.5; a contact takes the larger of the two.
    [(0.8, 1.0, 0.8), (0.6, 0.5, 0.6), (0.2, 1.0, 0.5), (0.2, 1.4, 0.7), (0.2, 0.6, 0.3)],
)
def test_a_sliding_object_obeys_coulombs_law(basket: float, item: float, coefficient: float) -> None:
    found = sliding(Physics(object_friction=(item, 1.0, 1.0), basket_friction=basket))
    assert found == pytest.approx(coefficient, rel=0.01)


def test_a_heavier_object_accelerates_less() -> None:
    model = cell(Physics(object_mass=(2.0, 1.0, 1.0)))
    data = mujoco.MjData(model)
    data.qpos[OBJECT_QPOS] = np.array([[x, 0.0, 0.6, 1.0, 0.0, 0.0, 0.0] for x in (0.4, 0.7, 1.0)]).ravel()
    data.xfrc_applied[model.body("red").id, 2] = 3.0
    mujoco.mj_forward(model, data)
    assert data.qacc[RED][2] == pytest.approx(3.0 / (2.0 * 0.2))


def test_arm_torques_follow_the_scaled_impedance() -> None:
    gains = (0.8, 0.9, 1.0, 1.1, 1.2, 1.0, 0.9)
    model = cell(Physics(arm_gain=gains, gripper_gain=0.5))
    data = mujoco.MjData(model)
    data.act[ARM], data.qvel[ARM] = 0.01, 0.02
    data.act[GRIPPER] = 10.0
    mujoco.mj_forward(model, data)
    # 500 x 0.01 rad - 50 x 0.02 rad/s = 4 Nm, and 100 x 0.8 / 255 x 10 tics = 3.137 of at most 5, halved to 2.5.
    np.testing.assert_allclose(data.actuator_force[ARM], 4.0 * np.array(gains))
    assert data.actuator_force[GRIPPER] == pytest.approx(0.5 * 3.137255)
    data.act[GRIPPER] = 255.0
    mujoco.mj_forward(model, data)
    assert data.actuator_force[GRIPPER] == 2.5


def test_damping_holds_each_joint_back_by_its_own_factor() -> None:
    factors = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 0.2)
    model = cell(Physics(joint_damping=factors))
    data = mujoco.MjData(model)
    data.qvel[ARM] = 2.0
    mujoco.mj_forward(model, data)
    # 0.1 Nm s/rad x 2 rad/s.
    np.testing.assert_allclose(data.qfrc_passive[ARM], -0.2 * np.array(factors))
