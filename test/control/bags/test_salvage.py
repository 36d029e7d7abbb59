"""Repair of damaged files: readable data are kept, the rest is set aside, and no damage passes as sound."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer
from rosbags.rosbag2 import StoragePlugin
from rosbags.rosbag2 import Writer as RosbagsWriter

from helms_control.bags import BagWriter, check_bag, open_bag, read_episodes, repair, type_store
from helms_control.bags.layout import files_of
from helms_control.commands.bag import check_command, info_command
from helms_control.errors import HelmsError
from test.control.bags.messages import STEP_NS, episode, event, header, kind, observe


def recorded(folder: Path, episodes: int = 4, split_bytes: int = 2**20) -> Path:
    writer = BagWriter(folder, split_bytes)
    for number in range(1, episodes + 1):
        episode(writer, number)
    return writer.close()


def whole_episodes(path: Path) -> list[int]:
    with open_bag(path) as opened:
        return [record.number for record in read_episodes(opened) if record.finished and not record.drops]


def chunk_of(path: Path, number: int) -> tuple[int, int]:
    """Return the place and the length of a chunk's record."""
    with path.open("rb") as file:
        summary = make_reader(file).get_summary()
    assert summary is not None
    return summary.chunk_indexes[number].chunk_start_offset, summary.chunk_indexes[number].chunk_length


def change(path: Path, at: int, flip: int = 1) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= flip
    path.write_bytes(content)


def test_past_a_bad_chunk_reading_goes_on_at_the_next(tmp_path: Path) -> None:
    bag = recorded(tmp_path / "bag")
    begin, length = chunk_of(bag / "bag_0.mcap", 1)  # one chunk an episode
    change(bag / "bag_0.mcap", begin + length // 2)
    found = repair(bag)
    assert whole_episodes(bag) == [1, 3, 4]
    assert found.lost >= length
    assert (found.files, found.unchecked) == (1, 0)
    assert found.kept == (bag / "bag_0.mcap.torn",)
    assert check_bag(bag) == []


@pytest.mark.parametrize("byte", range(1, 9))
def test_a_wrong_length_of_a_record_hides_nothing_behind_it(tmp_path: Path, byte: int) -> None:
    bag = recorded(tmp_path / "bag")
    begin, _ = chunk_of(bag / "bag_0.mcap", 1)
    change(bag / "bag_0.mcap", begin + byte, 0x15)
    repair(bag)
    assert set(whole_episodes(bag)) >= {1, 3, 4}


def test_the_first_chunk_may_be_the_bad_one(tmp_path: Path) -> None:
    """The topics are declared in it."""
    path = recorded(tmp_path / "bag") / "bag_0.mcap"
    end = sum(chunk_of(path, 3))  # behind it, the index declares the topics once more
    begin, length = chunk_of(path, 0)
    change(path, begin + length - 40)
    os.truncate(path, end)
    repair(path.parent)
    assert whole_episodes(path.parent) == [2, 3, 4]


def test_seeded_noise_is_never_called_sound(tmp_path: Path) -> None:
    """Whatever is damaged, what is read afterwards is what was written."""
    rng = np.random.default_rng(0)
    for turn in range(30):
        bag = recorded(tmp_path / f"bag{turn}", 3)
        path = bag / f"bag{turn}_0.mcap"
        content = bytearray(path.read_bytes())
        for _ in range(rng.integers(1, 4)):
            at, size = int(rng.integers(len(content))), int(rng.integers(1, 400))
            content[at : at + size] = rng.bytes(len(content[at : at + size]))
        path.write_bytes(content)
        try:
            repair(bag)
        except HelmsError as error:
            assert "holds no message" in str(error)
            continue
        with open_bag(bag) as opened:
            for message in opened.messages("/observation"):
                seen = message.decoded()
                expected = np.random.default_rng([seen.episode, seen.step]).normal(size=129).astype(np.float32)
                np.testing.assert_array_equal(seen.proprioception, expected)


def test_files_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    bag = recorded(tmp_path / "bag", episodes=12, split_bytes=5000)
    assert [path.name for path in files_of(bag)] == [f"bag_{n}.mcap" for n in range(12)]
    (bag / "metadata.yaml").unlink()
    repair(bag)
    assert whole_episodes(bag) == list(range(1, 13))


def test_a_bag_that_was_cut_short_is_repaired(tmp_path: Path) -> None:
    bag = recorded(tmp_path / "bag")
    path = bag / "bag_0.mcap"
    begin, length = chunk_of(path, 2)
    path.write_bytes(path.read_bytes()[: begin + length - 10])
    assert repair(bag).lost == length - 10
    assert whole_episodes(bag) == [1, 2]
    assert check_bag(bag) == []


def test_a_renamed_file_is_told_and_gets_its_name_back(tmp_path: Path) -> None:
    bag = recorded(tmp_path / "bag", split_bytes=5000)
    (bag / "bag_2.mcap").rename(bag / "copy.mcap")
    assert check_bag(bag) == ["bag_2.mcap is missing, but copy.mcap has its SHA-256; give it back its name"]
    assert repair(bag).files == 0
    assert whole_episodes(bag) == [1, 2, 3, 4]


def test_an_original_is_never_overwritten_by_a_second_repair(tmp_path: Path) -> None:
    bag = recorded(tmp_path / "bag")
    path = bag / "bag_0.mcap"
    originals = []
    for chunk in (0, 1):
        begin, length = chunk_of(path, chunk)
        change(path, begin + length // 2)
        originals.append(path.read_bytes())
        repair(bag)
    assert [(bag / f"bag_0.mcap.torn{end}").read_bytes() for end in ("", "1")] == originals


def test_a_recording_is_not_repaired_while_its_recorder_is_at_work(tmp_path: Path) -> None:
    writer = BagWriter(tmp_path / "bag")
    episode(writer, 1)
    with pytest.raises(HelmsError, match=r"bag_0.mcap is being recorded right now; stop the recorder first"):
        repair(tmp_path / "bag.partial")
    with pytest.raises(HelmsError, match=r"is being recorded right now"):
        BagWriter(tmp_path / "bag", resume=True)
    episode(writer, 2)
    assert whole_episodes(writer.close()) == [1, 2]


# Recordings of earlier releases and of other programs.


def write_plain(writer: RosbagsWriter, number: int) -> None:
    """Write an episode as rosbags does, without checksums."""

    class Adapter:
        def __init__(self) -> None:
            self.known: dict[str, object] = {item.topic: item for item in writer.connections}

        def write(self, topic: str, name: str, stamp_ns: int, data: bytes) -> None:
            if topic not in self.known:
                self.known[topic] = writer.add_connection(topic, name, typestore=type_store())
            writer.write(self.known[topic], stamp_ns, data)  # type: ignore[arg-type]

    adapter = Adapter()
    at = number * 10**10
    event(adapter, number, 1, at)  # type: ignore[arg-type]
    for step in range(6):
        observe(adapter, number, step, at + step * STEP_NS)  # type: ignore[arg-type]
    event(adapter, number, 2, at + 5 * STEP_NS + 1, 5)  # type: ignore[arg-type]
    writer.storage.close_chunk()  # type: ignore[union-attr]


def test_a_bag_without_checksums_keeps_what_decodes_and_says_that_nothing_vouches_for_it(tmp_path: Path) -> None:
    bag = tmp_path / "bag"
    with RosbagsWriter(bag, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        for number in (1, 2, 3):
            write_plain(writer, number)
    assert check_bag(bag) == []
    path = bag / "bag.mcap"
    path.write_bytes(path.read_bytes()[:-20])
    found = repair(bag)
    assert found.unchecked == found.messages == 3 * 8
    assert whole_episodes(bag) == [1, 2, 3]


def test_a_recording_of_the_release_before_is_repaired(tmp_path: Path) -> None:
    """It had a folder for each file while it was recorded."""
    partial = tmp_path / "bag.partial"
    partial.mkdir()
    with RosbagsWriter(partial / "bag_0", version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        write_plain(writer, 1)
    writer = RosbagsWriter(partial / "bag_1", version=9, storage_plugin=StoragePlugin.MCAP)
    writer.open()
    write_plain(writer, 2)
    writer.abort()
    assert repair(partial).path == tmp_path / "bag"
    assert whole_episodes(tmp_path / "bag") == [1, 2]


def test_a_single_file_is_a_recording(tmp_path: Path) -> None:
    path = recorded(tmp_path / "bag") / "bag_0.mcap"
    alone = path.rename(tmp_path / "run.mcap")
    assert check_bag(alone) == []
    assert whole_episodes(alone) == [1, 2, 3, 4]
    result = CliRunner().invoke(info_command, [str(alone)])
    assert result.exit_code == 0
    assert "4 episodes" in result.output


def test_a_single_file_is_repaired_in_its_place(tmp_path: Path) -> None:
    alone = (recorded(tmp_path / "bag") / "bag_0.mcap").rename(tmp_path / "run.mcap")
    begin, length = chunk_of(alone, 1)
    change(alone, begin + length // 2)
    (problem,) = check_bag(alone)
    assert re.fullmatch(r"run.mcap is damaged: \d+ bytes of it cannot be read", problem)
    result = CliRunner().invoke(check_command, [str(alone), "--repair"])
    assert result.exit_code == 0, result.output
    assert "bytes could not be used; the original stays" in result.output
    assert whole_episodes(alone) == [1, 3, 4]
    assert (tmp_path / "run.mcap.torn").exists()


@pytest.mark.parametrize("compression", [CompressionType.ZSTD, CompressionType.LZ4])
def test_damaged_compression_is_one_clear_error(tmp_path: Path, compression: CompressionType) -> None:
    path = tmp_path / "run.mcap"
    text = type_store().generate_msgdef("std_msgs/msg/Header", ros_version=2)[0].encode()
    with path.open("wb") as file:
        writer = Writer(file, compression=compression, chunk_size=2000)
        writer.start("ros2")
        channel = writer.register_channel("/h", "cdr", writer.register_schema("std_msgs/msg/Header", "ros2msg", text))
        for stamp in range(300):
            data = bytes(type_store().serialize_cdr(header(stamp), "std_msgs/msg/Header"))
            writer.add_message(channel, stamp, data, stamp)
        writer.finish()  # type: ignore[no-untyped-call]
    begin, length = chunk_of(path, 1)
    change(path, begin + length - 30, 0x5A)
    with pytest.raises(HelmsError, match=r"run.mcap is damaged: .*; run `helms bag check"), open_bag(path) as bag:
        list(bag.messages())
    total = 300
    assert 0 < repair(path).messages < total


def other(path: Path, encoding: str, name: str, profile: str = "ros2") -> None:
    with path.open("wb") as file:
        writer = Writer(file)
        writer.start(profile)
        channel = writer.register_channel("/x", encoding, writer.register_schema(name, "ros2msg", b"float32 x"))
        writer.add_message(channel, 1, b"\0\1\0\0\0\0\0\0", 1)
        writer.finish()  # type: ignore[no-untyped-call]


def test_messages_of_other_programs_are_listed_and_refused_when_they_are_decoded(tmp_path: Path) -> None:
    other(tmp_path / "x.mcap", "cdr", "their_msgs/msg/X")
    with open_bag(tmp_path / "x.mcap") as bag:
        assert bag.topics == {"/x": ("their_msgs/msg/X", 1)}
        with pytest.raises(HelmsError, match=r"/x is of type their_msgs/msg/X, which is unknown"):
            next(bag.messages()).decoded()


@pytest.mark.parametrize(
    "make",
    [
        lambda path: other(path, "cdr", "std_msgs/msg/String", profile="ros1"),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\x89MCAP0\r\n"),
        lambda path: path.write_bytes(bytes(1000)),
    ],
)
def test_what_is_no_recording_is_one_clear_error(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "x.mcap")
    with (
        pytest.raises(HelmsError, match=r"x.mcap cannot be read: .*; run `helms bag check"),
        open_bag(tmp_path / "x.mcap"),
    ):
        pass


def test_kinds_are_those_of_the_type_store() -> None:
    assert kind("helms_msgs/msg/Action").__msgtype__ == "helms_msgs/msg/Action"
