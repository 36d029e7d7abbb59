"""The cache of features: computed once, and again after a change."""

import errno
from pathlib import Path

import numpy as np
import pytest
import torch
from helms_learning.models.configuration import ModelConfig
from helms_learning.models.skills import Inputs, SkillModel, join, see, stack
from torch import Tensor

from helms_learning.datasets.episode import DatasetError
from helms_learning.datasets.windows import Windows
from helms_learning.offline.seen import ROWS, look

FRAMES = np.random.default_rng(0).normal(size=(ROWS + 100, 85)).astype(np.float32)


def doubled(frames: Tensor) -> Tensor:
    return 2.0 * frames[:, :3]


def test_every_frame_is_looked_at_once(tmp_path: Path) -> None:
    looked = []

    def counted(frames: Tensor) -> Tensor:
        looked.append(len(frames))
        return doubled(frames)

    np.testing.assert_array_equal(look(FRAMES, tmp_path / "seen.npy", counted), 2.0 * FRAMES[:, :3])
    before = sum(looked)
    np.testing.assert_array_equal(look(FRAMES, tmp_path / "seen.npy", counted), 2.0 * FRAMES[:, :3])
    assert before > len(FRAMES) and sum(looked) - before < len(FRAMES)


def test_what_is_seen_otherwise_now_is_worked_out_anew(tmp_path: Path) -> None:
    look(FRAMES, tmp_path / "seen.npy", doubled)
    np.testing.assert_array_equal(look(FRAMES, tmp_path / "seen.npy", lambda f: 3.0 * f[:, :3]), 3.0 * FRAMES[:, :3])
    np.testing.assert_array_equal(look(FRAMES[:9], tmp_path / "seen.npy", doubled), 2.0 * FRAMES[:9, :3])


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    look(FRAMES, tmp_path / "seen.npy", doubled)
    for half in (b"", (tmp_path / "seen.npy").read_bytes()[:5000]):
        (tmp_path / "seen.npy").write_bytes(half)
        np.testing.assert_array_equal(look(FRAMES, tmp_path / "seen.npy", doubled), 2.0 * FRAMES[:, :3])


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("numpy.lib.format.write_array_header_1_0", full)
    with pytest.raises(DatasetError, match="No space left on device; nothing was trained, make room"):
        look(FRAMES, tmp_path / "seen.npy", doubled)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("inputs", ["raw", "tool"])
def test_windows_of_what_was_seen_are_what_is_seen_of_windows(dataset: Path, tmp_path: Path, inputs: str) -> None:
    config = ModelConfig(inputs=inputs)
    model = SkillModel(config)
    windows = Windows(dataset, length=9, look_ahead=config.look_ahead)
    batch = windows.draw(5, 0, 0)
    expected: Inputs = stack(torch.from_numpy(batch.frames), model.normaliser, model.config)
    windows.show(look(windows.frames, tmp_path / "seen.npy", lambda frames: see(frames, model.normaliser, config)))
    found = join(torch.from_numpy(windows.draw(5, 0, 0).frames), config)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)
