"""The commands that compose a graph, called as by a user."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helms_control.bags import check_bag
from helms_control.graph import NodeSpec
from helms_control.graph.processes import ProcessGraph
from helms_control.policy import load_bundle
from helms_msgs.msg import CellState
from helms_msgs.srv import Reset
from test.graph.conftest import Listener

RECORD, DEMO, INFO_COMMAND, CHECK_COMMAND, VIDEO = (
    ("record",),
    ("demo",),
    ("bag", "info"),
    ("bag", "check"),
    ("bag", "video"),
)


def helms(words: tuple[str, ...], arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run a command as a user does."""
    command = [sys.executable, "-c", "from helms_control.cli import main; main()", *words, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """Two recorded episodes."""
    folder = tmp_path / "bags" / "one"
    done = helms(RECORD, ["--object-set", "3", "--episodes", "2", "--out", str(folder), "--json"])
    assert done.returncode == 0, done.stderr
    return folder


def test_record_info_and_check_agree(bag: Path) -> None:
    told = json.loads(helms(INFO_COMMAND, [str(bag), "--json"]).stdout.splitlines()[-1])
    episode, _ = told["episodes"]
    assert (episode["driver"], episode["object_set"], episode["steps"], episode["drops"]) == ("expert", "3", 400, [])
    assert told["topics"]["/action"] >= 800
    table = helms(INFO_COMMAND, [str(bag)]).stdout
    assert "2 episodes" in table
    assert "helms_msgs/msg/Observation" in table
    checked = helms(CHECK_COMMAND, [str(bag)])
    assert (checked.returncode, checked.stdout) == (0, f"{bag}: whole\n")


def test_check_exits_with_one_and_repairs_when_asked(bag: Path) -> None:
    partial = bag.with_name("one.partial")
    (bag / "one_0").mkdir()
    content = (bag / "one_0.mcap").read_bytes()
    (bag / "one_0" / "one_0.mcap").write_bytes(content[: len(content) * 3 // 4])
    (bag / "one_0.mcap").unlink()
    (bag / "metadata.yaml").unlink()
    bag.rename(partial)
    assert helms(CHECK_COMMAND, [str(partial)]).returncode == 1
    helms(CHECK_COMMAND, [str(partial), "--repair"])
    assert "episode 2: its end was not recorded" in check_bag(bag)


@pytest.mark.needs_gl
def test_a_recording_is_drawn(bag: Path, tmp_path: Path) -> None:
    done = helms(VIDEO, [str(bag), "--out", str(tmp_path / "a.mp4"), "--picture", str(tmp_path / "a.png")])
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.mp4").stat().st_size > 10_000
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_playing_publishes_what_was_recorded(bag: Path, domain: int, listener: Listener) -> None:
    listener.listen("cell_state", CellState)
    command = ["-c", "from helms_control.cli import main; main()", "bag", "play", str(bag), "--hz", "400"]
    process = subprocess.Popen([sys.executable, *command], env={**os.environ, "ROS_DOMAIN_ID": str(domain)})
    try:
        assert listener.wait(lambda: process.poll() is not None, 180.0)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert {message.step for message in listener.messages("cell_state")} == set(range(401))


def test_an_evaluation_through_ros_is_the_plain_one_episode_by_episode(tmp_path: Path) -> None:
    words = ["--driver", "expert", "--object-set", "4", "--episodes", "2", "--seed", "7", "--csv"]
    for name, more in (("plain", []), ("ros", ["--ros"])):
        done = helms(("eval",), [*words, str(tmp_path / name), *more])
        assert done.returncode == 0, done.stderr
    plain, ros = ([*csv.DictReader((tmp_path / name).read_text().splitlines())] for name in ("plain", "ros"))
    assert [row["seed"] for row in ros] == ["7", "8"]
    for one, other in zip(plain, ros, strict=True):
        for column in ("seed", "success", "episode_return", "steps", "steps_to_success", "reason"):
            assert one[column] == other[column]


def test_the_viewer_serves_a_page(domain: int, listener: Listener) -> None:
    specs = [NodeSpec("viewer", "viewer", {"port": 8190}), NodeSpec("simulation", "simulation")]
    with ProcessGraph(specs, domain) as graph:
        client: Any = listener.node.create_client(Reset, "reset")
        assert listener.wait(client.service_is_ready)
        listener.wait(lambda: False, 1.0)
        client.call_async(Reset.Request(seed=1))
        assert listener.wait(lambda: "live view: http://127.0.0.1:" in graph.log("viewer"), 30.0), graph.log("viewer")


@pytest.mark.needs_gl
def test_the_demo_writes_bag_video_picture_and_summary(tmp_path: Path, bundle: Path) -> None:
    out = tmp_path / "demo"
    done = helms(DEMO, ["--policy", str(bundle), "--out", str(out), "--json"])
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert sorted(path.name for path in out.iterdir()) == ["bag", "demo.mp4", "demo.png", "summary.json"]
    assert told["driver"] == load_bundle(bundle).folder.name
    assert check_bag(out / "bag") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--driver", "nobody"], "policy 'nobody' is neither one of expert"),
        (["--object-set", "9"], "unknown object set '9'"),
        (["--task", "fly"], "unknown task 'fly'"),
        (["--object-set", "5..1"], "are no range"),
    ],
)
def test_record_refuses_what_it_cannot_run(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = helms(RECORD, [*arguments, "--out", str(tmp_path / "bag"), "--episodes", "1"])
    assert done.returncode == 1
    assert message in done.stderr
    assert not list(tmp_path.glob("bag*"))
