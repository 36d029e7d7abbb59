"""Effects of drawn sensor errors on the contract's vectors."""

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.spec import OBJECTS, PROPRIOCEPTION
from helms_sim.randomisation import Physics, perturb
from helms_sim.randomisation.apply import NOISE, OBJECT_NOISE

Array = npt.NDArray[np.float64]
SAMPLES = 4000


def readings() -> tuple[Array, Array]:
    """Return vectors of a half-closed gripper that holds something, with every quaternion a half turn about x or y."""
    own, seen = np.zeros(PROPRIOCEPTION.size), np.zeros(OBJECTS.size)
    named = PROPRIOCEPTION.unpack(own)
    named["tcp_pose"][:] = (0.6, 0.0, 0.2, 0.0, 1.0, 0.0, 0.0)
    named["gripper_angle"][:], named["grasp"][:] = 100.0, 1.0
    seen.reshape(6, 7)[:] = (0.6, 0.1, 0.07, 0.0, 0.0, 1.0, 0.0)
    return own, seen


def perturbed(physics: Physics, count: int) -> tuple[Array, Array]:
    """Return (count, 43) and (count, 42) perturbed readings."""
    rng, samples = np.random.default_rng(0), [readings() for _ in range(count)]
    for own, seen in samples:
        perturb(physics, own, seen, rng)
    return np.array([own for own, _ in samples]), np.array([seen for _, seen in samples])


def test_nominal_sensors_change_no_byte_and_draw_nothing() -> None:
    own, seen = readings()
    rng = np.random.default_rng(4)
    perturb(Physics(), own, seen, rng)
    assert [own.tobytes(), seen.tobytes()] == [vector.tobytes() for vector in readings()]
    assert rng.random() == np.random.default_rng(4).random()


def test_a_bias_shifts_the_wrist_sensor_alone() -> None:
    own, seen = perturbed(Physics(force_bias=(1.0, -2.0, 3.0), torque_bias=(0.1, 0.2, -0.3)), 1)
    plain, plain_seen = readings()
    shift = PROPRIOCEPTION.unpack(own[0] - plain)
    np.testing.assert_array_equal(shift.pop("wrist_force"), [1.0, -2.0, 3.0])
    np.testing.assert_array_equal(shift.pop("wrist_torque"), [0.1, 0.2, -0.3])
    assert not any(values.any() for values in shift.values())
    np.testing.assert_array_equal(seen[0], plain_seen)


@pytest.mark.parametrize("field", ["joint_angle", "joint_velocity", "joint_torque", "tcp_velocity", "wrist_force"])
def test_noise_is_unbiased_and_as_wide_as_it_says(field: str) -> None:
    own, _ = perturbed(Physics(noise=2.0), SAMPLES)
    values, width = own[:, PROPRIOCEPTION.slices[field]], 2.0 * NOISE[field]
    # Five standard errors.
    np.testing.assert_allclose(values.mean(axis=0), 0.0, atol=5 * width / SAMPLES**0.5)
    np.testing.assert_allclose(values.std(axis=0), width, rtol=5 / (2 * SAMPLES) ** 0.5)


def test_noise_on_object_positions_is_as_wide_as_it_says() -> None:
    _, seen = perturbed(Physics(noise=0.5), SAMPLES)
    positions = seen.reshape(-1, 6, 7)[:, :, :3]
    np.testing.assert_allclose(positions.std(axis=0), 0.5 * OBJECT_NOISE, rtol=5 / (2 * SAMPLES) ** 0.5)


def test_quaternions_stay_unit_near_and_on_their_half() -> None:
    own, seen = perturbed(Physics(noise=1.0), 200)
    tool, objects = own[:, PROPRIOCEPTION.slices["tcp_pose"]][:, 3:], seen.reshape(-1, 7)[:, 3:]
    for found, true, width in ((tool, (0, 1, 0, 0), NOISE["tcp_pose"]), (objects, (0, 0, 1, 0), OBJECT_NOISE)):
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0)
        assert (found[:, 0] >= 0.0).all()
        # Half of them came out with w < 0 and were turned over: the same rotation, still.
        assert 0.3 < (found @ true < 0.0).mean() < 0.7
        assert np.abs(found @ true).min() > 1.0 - 20 * width**2


@pytest.mark.parametrize("true", [0.0, 100.0, 255.0])
def test_the_gripper_counts_whole_tics_within_its_range(true: float) -> None:
    rng, where, found = np.random.default_rng(2), PROPRIOCEPTION.slices["gripper_angle"].start, set()
    for _ in range(300):
        own, seen = readings()
        own[where] = true
        perturb(Physics(noise=3.0), own, seen, rng)
        found.add(float(own[where]))
    assert all(tics == round(tics) and 0.0 <= tics <= 255.0 for tics in found)
    assert len(found) > 4


def test_the_grasp_sensor_does_not_flicker() -> None:
    own, _ = perturbed(Physics(noise=3.0), 50)
    assert (own[:, PROPRIOCEPTION.slices["grasp"]] == 1.0).all()
