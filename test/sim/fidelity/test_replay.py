"""The cell against recordings of the reference cell."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import ks_2samp

from helms_control.control.cartesian import LOWER
from helms_sim.fidelity.replay import Recording, replay
from helms_sim.fidelity.starts import recorded_starts, sample_starts

Starts = dict[str, npt.NDArray[np.float64]]
DATA = Path(__file__).parents[2] / "data" / "rgb_stacking_reference.npz"


@pytest.mark.parametrize("episode", range(24))
def test_recorded_actions_lead_where_they_led(episode: int) -> None:
    with np.load(DATA, allow_pickle=False) as arrays:
        deviation = replay(Recording.load(arrays, f"ep{episode:02d}"))
    assert len(deviation.position) == 80
    assert np.median(deviation.position) <= 0.003
    assert deviation.position.max() <= 0.010
    assert np.degrees(deviation.yaw.max()) <= 2.0
    assert deviation.gripper.max() <= 10
    assert np.sqrt(np.mean(deviation.torque**2)) < 0.1
    assert np.sqrt(np.mean(deviation.force**2)) < 0.05


def test_a_replay_from_the_wrong_start_is_noticed() -> None:
    with np.load(DATA, allow_pickle=False) as arrays:
        recording = Recording.load(arrays, "ep06")
    recording.joint_angle[0, 1] += 0.05
    assert replay(recording).position.max() > 0.010
    assert LOWER[1] < recording.joint_angle[0, 1]


@pytest.fixture(scope="module")
def starts() -> tuple[Starts, Starts]:
    with np.load(DATA, allow_pickle=False) as arrays:
        recorded = recorded_starts(*(arrays[f"init/{name}"] for name in ("joint_angle", "pinch_pose", "objects")))
    return sample_starts(120, seed=1000), recorded


@pytest.mark.parametrize(("name", "size"), [("tcp", 4), ("joint_angle", 7), ("height", 3)])
def test_start_states_are_distributed_as_the_recorded_ones(
    starts: tuple[Starts, Starts],
    name: str,
    size: int,
) -> None:
    ours, recorded = starts[0][name], starts[1][name]
    assert ours.shape[1] == recorded.shape[1] == size
    assert min(ks_2samp(ours[:, i], recorded[:, i]).pvalue for i in range(size)) > 0.01


def test_objects_at_rest_sink_as_deep_as_recorded(
    starts: tuple[Starts, Starts],
) -> None:
    # A cube flat on the floor: 0.0498 + 0.025 = 0.0748 m without sinking, 0.07307 m in the recordings.
    ours, recorded = starts[0]["height"][:, 0], starts[1]["height"][:, 0]
    assert np.quantile(ours, 0.3) == pytest.approx(np.quantile(recorded, 0.3), abs=1e-4)
