import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from rosbags.rosbag2 import Reader

from helms_control.bags import BagWriter, check_bag, open_bag, read_episodes, repair, type_store
from helms_control.errors import HelmsError
from test.control.bags.messages import STEP_NS, episode, event, observe


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """Three whole episodes."""
    writer = BagWriter(tmp_path / "bag")
    for number in (1, 2, 3):
        episode(writer, number)
    return writer.close()


def test_what_was_written_is_read_by_rosbags_itself(bag: Path) -> None:
    with Reader(bag) as reader:
        assert reader.message_count == 3 * 8
        connection, stamp_ns, data = next(reader.messages([c for c in reader.connections if c.topic == "/observation"]))
        content: Any = type_store().deserialize_cdr(data, connection.msgtype)
    assert stamp_ns == 10**10
    expected = np.random.default_rng([1, 0]).normal(size=129).astype(np.float32)
    np.testing.assert_array_equal(content.proprioception, expected)


def test_a_whole_bag_has_no_problems(bag: Path) -> None:
    assert check_bag(bag) == []
    assert not bag.with_name("bag.partial").exists()


def test_episodes_are_found_with_everything_about_them(bag: Path) -> None:
    with open_bag(bag) as opened:
        records = read_episodes(opened)
    assert [(r.number, r.seed, r.driver, r.object_set, r.success, r.steps) for r in records] == [
        (n, 10 + n, "expert", "4", True, 5) for n in (1, 2, 3)
    ]
    assert all(record.finished and not record.drops for record in records)
    assert records[0].duration_s == pytest.approx(0.25)
    assert records[0].longest_gap_s == pytest.approx(0.05)


def test_big_bags_are_split_between_episodes(tmp_path: Path) -> None:
    writer = BagWriter(tmp_path / "bag", split_bytes=8000)
    for number in range(1, 7):
        episode(writer, number)
    bag = writer.close()
    assert len(list(bag.glob("*.mcap"))) > 2
    assert check_bag(bag) == []
    with open_bag(bag) as opened:
        assert [record.number for record in read_episodes(opened)] == [1, 2, 3, 4, 5, 6]
        assert opened.topics["/observation"][1] == 36


def test_nothing_is_overwritten(bag: Path) -> None:
    with pytest.raises(HelmsError, match=r"bag exists already; name another bag"):
        BagWriter(bag)


def test_an_empty_recording_is_no_bag(tmp_path: Path) -> None:
    with pytest.raises(HelmsError, match=r"nothing was published while .*bag was recorded; no bag was written"):
        BagWriter(tmp_path / "bag").close()
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys, os, signal
from pathlib import Path
from helms_control.bags import BagWriter
from test.control.bags.messages import episode
writer = BagWriter(Path(sys.argv[1]))
episode(writer, 1); episode(writer, 2); episode(writer, 3, end=False)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A recording whose process was killed in the third episode."""
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "bag")], timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    return tmp_path / "bag.partial"


def test_a_killed_recording_does_not_look_whole_and_is_repaired(killed: Path, tmp_path: Path) -> None:
    assert check_bag(killed) == ["bag.partial was not closed: the recorder was killed, or is still running"]
    with pytest.raises(HelmsError, match=r"was not closed; `helms bag check --repair"), open_bag(killed):
        pass
    assert repair(killed).path == tmp_path / "bag"
    with open_bag(tmp_path / "bag") as opened:
        records = read_episodes(opened)
        first = next(opened.messages("/observation")).decoded()
    assert [record.number for record in records if record.finished and not record.drops] == [1, 2]
    np.testing.assert_array_equal(
        first.proprioception, np.random.default_rng([1, 0]).normal(size=129).astype(np.float32)
    )


def test_a_recorder_that_comes_back_goes_on(killed: Path, tmp_path: Path) -> None:
    with pytest.raises(HelmsError, match=r"bag.partial is an unfinished recording; run `helms bag check --repair"):
        BagWriter(tmp_path / "bag")
    writer = BagWriter(tmp_path / "bag", resume=True)
    episode(writer, 4)
    bag = writer.close()
    with open_bag(bag) as opened:
        assert [record.number for record in read_episodes(opened) if record.finished] == [1, 2, 4]
    assert len(list(bag.glob("*.mcap"))) == 2


def test_a_torn_file_is_found_and_what_can_be_read_is_kept(tmp_path: Path) -> None:
    writer = BagWriter(tmp_path / "bag")
    for number in range(1, 5):
        episode(writer, number)
    bag = writer.close()
    whole = (bag / "bag_0.mcap").read_bytes()
    (bag / "bag_0.mcap").write_bytes(whole[: len(whole) // 2])
    assert check_bag(bag) == ["bag_0.mcap is not as it was recorded: its SHA-256 differs"]
    assert repair(bag).messages > 0
    with open_bag(bag) as opened:
        kept = [record.number for record in read_episodes(opened) if record.finished and not record.drops]
    assert kept
    assert kept == list(range(1, len(kept) + 1))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_wherever_it_is_torn_repair_leaves_a_readable_bag_or_says_why(bag: Path, share: float) -> None:
    whole = (bag / "bag_0.mcap").read_bytes()
    (bag / "bag_0.mcap").write_bytes(whole[: int(share * len(whole))])
    try:
        folder = repair(bag).path
    except HelmsError as error:
        assert "holds no message" in str(error)
        return
    assert not [problem for problem in check_bag(folder) if "episode" not in problem]


def test_one_flipped_bit_is_found(bag: Path) -> None:
    content = bytearray((bag / "bag_0.mcap").read_bytes())
    content[len(content) // 3] ^= 1
    (bag / "bag_0.mcap").write_bytes(content)
    assert check_bag(bag) == ["bag_0.mcap is not as it was recorded: its SHA-256 differs"]


def unhash(bag: Path) -> None:
    metadata = yaml.safe_load((bag / "metadata.yaml").read_text())
    metadata["rosbag2_bagfile_information"]["custom_data"] = {"spec_version": "0.9.0", "spec_hash": "0" * 64}
    (bag / "metadata.yaml").write_text(yaml.safe_dump(metadata))


@pytest.mark.parametrize(
    ("break_it", "problem"),
    [
        (lambda bag: (bag / "bag_0.mcap").unlink(), "bag_0.mcap is missing"),
        (lambda bag: (bag / "metadata.yaml").unlink(), "metadata.yaml is missing"),
        (lambda bag: (bag / "metadata.yaml").write_text("a: ["), "metadata.yaml cannot be read"),
        (unhash, "recorded for spec 0.9.0 (000000000000), but this helms uses spec 1.0.0"),
    ],
)
def test_broken_bags_are_told(bag: Path, break_it: Any, problem: str) -> None:  # noqa: ANN401
    break_it(bag)
    (found,) = check_bag(bag)
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"spec_hash": "f" * 64}, "/observation, step 0 of episode 1: spec ffffffffffff"),
        ({"objects": np.zeros(125, np.float32)}, "/observation, step 0 of episode 1: objects has 125 numbers"),
        ({"objects": np.full(126, np.nan, np.float32)}, "objects holds numbers that are not finite"),
        ({"skip": 3}, "episode 1: 1 observations are missing, first of step 3"),
        ({"end": False}, "episode 1: its end was not recorded"),
    ],
)
def test_what_breaks_the_contract_is_found(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    writer = BagWriter(tmp_path / "bag")
    episode(writer, 1, **changes)
    assert problem in check_bag(writer.close())[0]


def test_a_restarted_cell_begins_other_episodes_of_the_same_numbers(tmp_path: Path) -> None:
    """Of the second, the first observation was received before the start event."""
    writer = BagWriter(tmp_path / "bag")
    episode(writer, 1)
    late = 5 * 10**10
    for step in range(6):
        observe(writer, 1, step, late + step * STEP_NS, last=step == 5)
        if not step:
            event(writer, 1, 1, late + 1, seed=99)
    event(writer, 1, 2, late + 5 * STEP_NS + 1, 5, seed=99)
    with open_bag(writer.close()) as opened:
        assert [(r.seed, r.ended, r.drops) for r in read_episodes(opened)] == [(11, True, []), (99, True, [])]


def test_events_told_twice_count_once(tmp_path: Path) -> None:
    writer = BagWriter(tmp_path / "bag")
    episode(writer, 1)
    event(writer, 1, 1, 10**10)
    event(writer, 1, 2, 10**10 + 5 * STEP_NS + 1, 5)
    with open_bag(writer.close()) as opened:
        assert [(record.number, record.ended) for record in read_episodes(opened)] == [(1, True)]


def test_a_full_disk_is_told_and_what_was_finished_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = BagWriter(tmp_path / "bag")
    episode(writer, 1)

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(HelmsError, match="failed: No space left on device; what was finished is kept: make room"):
        episode(writer, 2)
    monkeypatch.undo()
    repair(tmp_path / "bag.partial")
    with open_bag(tmp_path / "bag") as opened:
        assert next(record.number for record in read_episodes(opened) if record.finished) == 1


def test_a_folder_that_is_no_bag_is_told(tmp_path: Path) -> None:
    with pytest.raises(HelmsError, match=r"is no bag: it has no metadata.yaml"), open_bag(tmp_path):
        pass
    with pytest.raises(HelmsError, match=r"holds no .mcap file; there is nothing to repair"):
        repair(tmp_path)
    with pytest.raises(HelmsError, match=r"is no folder and no .mcap file; name a bag"):
        check_bag(tmp_path / "none")
