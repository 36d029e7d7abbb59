"""The stream of joint velocities between two actions."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helms_control.control.cartesian import CartesianController
from helms_control.errors import HelmsError
from helms_control.hardware.interpolate import VelocityStream
from helms_sim.cell.cell import Cell
from helms_sim.episode import EpisodeConfig, draw_episode
from helms_sim.scene.model import cell_model
from helms_sim.scene.names import ARM

Array = npt.NDArray[np.float64]

ACCELERATION = np.array([5.0, 4.0, 5.0, 5.0, 6.0, 6.0, 6.0])
DOWN = np.diag([1.0, -1.0, -1.0])
PINCH = (0.6, 0.0, 0.2)
JOINTS = np.array([0.06, -1.12, -0.37, 1.2, 0.16, 1.52, 0.12])
JACOBIAN = np.random.default_rng(0).normal(size=(6, 7))
actions = st.lists(arrays(np.float64, 5, elements=st.floats(-1.0, 1.0)), min_size=1, max_size=6)


def stream(blend_s: float = 0.02) -> VelocityStream:
    return VelocityStream(ACCELERATION, blend_s=blend_s)


@given(actions)
@settings(max_examples=50, deadline=None, derandomize=True)
def test_the_stream_never_changes_faster_than_the_joints_may(sequence: list[Array]) -> None:
    flow, before = stream(), np.zeros(7)
    for action in sequence:
        flow.take(action, DOWN, PINCH, JOINTS, JACOBIAN)
        for _ in range(5):
            velocity = flow.step(0.01)
            assert np.all(np.abs(velocity - before) <= 0.01 * ACCELERATION * (1 + 1e-9))
            before = velocity


def test_it_ends_at_the_velocity_that_the_simulated_cell_commands() -> None:
    episode, cell = draw_episode(EpisodeConfig(), np.random.default_rng(3)), Cell()
    cell.use(cell_model(episode.triplet))
    cell.reset(episode.start)
    flow, data, names = stream(), cell.data, cell.names
    action = np.array([0.3, -0.5, -0.2, 0.7, 1.0])
    rotation, pinch = data.site_xmat[names.wrist].reshape(3, 3).copy(), tuple(data.site_xpos[names.pinch].tolist())
    fingers = flow.take(action, rotation, pinch, data.qpos[ARM].copy(), cell.jacobian)
    cell.step((0.3 * 0.07, -0.5 * 0.07, -0.2 * 0.07, 0.7, 255.0))
    assert fingers == 255.0
    np.testing.assert_allclose(flow.step(1.0), data.ctrl[ARM], atol=1e-12)


def test_a_small_change_is_spread_over_the_blend_time_along_a_straight_line() -> None:
    flow = stream(blend_s=0.04)
    flow.take(np.array([0.01, 0.0, 0.0, 0.0, 0.0]), DOWN, PINCH, JOINTS, 1e3 * JACOBIAN)
    shares = [flow.step(0.01) for _ in range(5)]
    for index, share in enumerate((0.25, 0.5, 0.75, 1.0, 1.0)):
        np.testing.assert_allclose(shares[index], share * flow.target, atol=1e-15)


def test_a_large_change_takes_as_long_as_the_slowest_joint_needs() -> None:
    flow = stream()
    flow.take(np.array([1.0, 0.0, 0.0, 1.0, 0.0]), DOWN, PINCH, JOINTS, JACOBIAN)
    needed = float(np.max(np.abs(flow.target) / ACCELERATION))
    assert needed > 0.02
    np.testing.assert_allclose(flow.step(0.5 * needed), 0.5 * flow.target)
    np.testing.assert_allclose(flow.step(0.5 * needed), flow.target)


def test_after_a_reset_it_is_at_rest() -> None:
    flow = stream()
    flow.take(np.array([1.0, 0.0, 0.0, 1.0, 0.0]), DOWN, PINCH, JOINTS, JACOBIAN)
    flow.step(1.0)
    flow.reset()
    assert not flow.step(1.0).any()


@pytest.mark.parametrize("bad", [np.zeros(7), np.ones(6), np.full(7, np.nan)])
def test_accelerations_must_be_seven_positive_numbers(bad: Array) -> None:
    with pytest.raises(HelmsError, match="accelerations must be 7 positive numbers"):
        VelocityStream(bad)


def test_a_negative_blend_time_is_refused() -> None:
    with pytest.raises(HelmsError, match="blend_s must be 0 or a positive time"):
        VelocityStream(ACCELERATION, CartesianController(), -0.1)
