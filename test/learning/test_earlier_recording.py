"""A recording of release 0.1.0, five episodes of the demonstrator, is checked and read."""

import tarfile
from pathlib import Path

import numpy as np
import pytest

from helms_control.bags import check_bag, open_bag, read_episodes
from helms_learning.datasets.bags import read_bag

RECORDING = Path(__file__).parents[1] / "data" / "recording_0.1.0.tar.xz"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recording")
    with tarfile.open(RECORDING) as archive:
        archive.extractall(folder, filter="data")
    return folder / "bag"


def test_it_is_whole(recording: Path) -> None:
    assert check_bag(recording) == []


def test_its_episodes_are_read(recording: Path) -> None:
    with open_bag(recording) as bag:
        records = read_episodes(bag)
    assert [(r.seed, r.object_set, r.finished, r.drops) for r in records] == [
        (500 + i, str(i + 1), True, []) for i in range(5)
    ]


def test_a_dataset_is_built_of_it(recording: Path) -> None:
    episodes = list(read_bag(recording))
    assert [len(episode) for episode in episodes] == [400] * 5
    assert sum(episode.meta.success for episode in episodes) == 4
    assert np.isfinite(episodes[0].objects).all()
