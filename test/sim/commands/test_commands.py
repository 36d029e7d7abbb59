"""The commands of the simulation, called as by a user."""

import json
import os
import subprocess
import sys
from pathlib import Path

import imageio.v2 as imageio
import pytest
from PIL import Image

HELMS = [sys.executable, "-c", "from helms_control.cli import main; main()"]


def helms(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*HELMS, *words], capture_output=True, text=True, env={**os.environ, **environment}, check=False
    )


@pytest.mark.parametrize("words", [("rollout",), ("eval",), ("demo",), ("bench", "sim"), ("spec",)])
def test_help_teaches_with_examples(words: tuple[str, ...]) -> None:
    answer = helms(*words, "--help")
    assert answer.returncode == 0
    assert f"helms {' '.join(words)}" in answer.stdout
    assert "Example" in answer.stdout


def test_eval_prints_one_json_object_last() -> None:
    answer = helms("eval", "--object-set", "5", "--episodes", "2", "--seed", "1000", "--workers", "1", "--json")
    summary = json.loads(answer.stdout.splitlines()[-1])
    assert len(answer.stdout.splitlines()) == 1
    assert {"policy", "object_set", "task", "episodes", "seed", "success", "success_low", "success_high"} <= set(
        summary
    )
    assert summary["object_set"] == 5
    assert "episode" in answer.stderr


# imageio's reader leaves its pipe to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.needs_gl
def test_rollout_writes_a_video_and_a_picture(tmp_path: Path) -> None:
    video, picture = tmp_path / "a.mp4", tmp_path / "a.png"
    answer = helms(
        "rollout", "--driver", "random", "--steps", "20", "--video", str(video), "--picture", str(picture), "--json"
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["files"] == [str(video), str(picture)]
    with imageio.get_reader(video) as reader:
        assert reader.count_frames() == 11
    with Image.open(picture) as image:
        assert image.size == (640, 480)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("eval", "--object-set", "9"), "error: unknown object set 9; choose one of: 1, 2, 3, 4, 5"),
        (("rollout", "--task", "red_on_moon"), "error: unknown task 'red_on_moon'"),
        (("rollout", "--picture", "x.png", "--camera", "roof"), "error: unknown camera 'roof'; choose one of: main"),
    ],
)
def test_mistakes_are_one_line_and_a_status(words: tuple[str, ...], message: str) -> None:
    answer = helms(*words)
    assert answer.returncode == 1
    assert message in answer.stderr
    assert "Traceback" not in answer.stderr


def test_without_a_gl_library_the_demo_runs_and_says_what_to_install(tmp_path: Path) -> None:
    answer = helms("demo", "--out", str(tmp_path), MUJOCO_GL="off")
    assert answer.returncode == 0, answer.stderr
    assert "no pictures:" in answer.stderr
    assert "sudo apt-get install libosmesa6" in answer.stderr
    assert "return" in answer.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bag", "summary.json"]


def test_without_a_gl_library_a_wanted_video_is_refused(tmp_path: Path) -> None:
    answer = helms("rollout", "--video", str(tmp_path / "a.mp4"), MUJOCO_GL="off")
    assert answer.returncode == 1
    assert "sudo apt-get install libosmesa6" in answer.stderr
    assert list(tmp_path.iterdir()) == []
