"""Reports of runs, bundles and bags: from the command to the file."""

import json
import shlex
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from helms_control.bags import BagWriter
from helms_control.cli import GROUP, build_root
from helms_control.errors import HelmsError
from helms_control.policy import Policy, load_bundle
from helms_control.spec import SPEC
from helms_learning.report.findings import failures
from helms_learning.report.play import Playing, photograph, play
from helms_learning.report.recorded import Recorded
from helms_learning.report.subject import Wanted, open_subject
from helms_sim.env import StackEnv
from helms_sim.rollout.evaluation import Evaluation, evaluate
from test.control.bags.messages import event, write
from test.control.policy.make_bundle import make_bundle
from test.learning.conftest import make_dataset

STEPS = 12


def helms(*words: str) -> Result:
    return CliRunner().invoke(build_root(metadata.entry_points(group=GROUP)), list(words))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three skills, random weights."""
    return make_bundle(tmp_path_factory.mktemp("policies") / "tiny", skills=3)


ROBOT: dict[str, Any] = {"features_hash": "", "robot": np.zeros(0, np.float32)}
SCENE: dict[str, Any] = {**ROBOT, "scene": np.zeros(0, np.float32)}
"""Features are not read."""


def record(folder: Path, bundle: Path, seed: int = 3, silent: int = -1) -> Path:
    """Write a bag of one episode of 12 steps, as the graph would; at one step the policy is silent."""
    env, policy, writer = StackEnv(), Policy(load_bundle(bundle)), BagWriter(folder)
    seen, info = env.reset(seed=seed)
    told: dict[str, Any] = {"seed": seed, "driver": bundle.name, "randomisation": "off", "reason": "time"}
    event(writer, 1, 1, 0, **told)
    policy.begin(env.episode.shapes, (0, 2, 1))
    reward = 0.0
    for step in range(STEPS + 1):
        at = 1 + step
        place: dict[str, Any] = {"episode": 1, "step": step}
        data, last = env.cell.data, step == STEPS
        state = {name: getattr(data, name).copy() for name in ("qpos", "qvel", "act", "ctrl")}
        cell = {"seed": seed, "task": "red_on_blue", "object_set": "4", "randomisation": "off"}
        write(writer, "/cell_state", "CellState", at, last=last, **place, **cell, **state)
        outcome = {"reward": reward, "stage": info["stage"], "success": info["success"]}
        write(writer, "/progress", "Progress", at, last=last, reason="", **place, **outcome)
        if last:
            break
        said = policy(seen["proprioception"], seen["objects"])
        place["spec_hash"] = SPEC.hash
        if step != silent:
            write(
                writer,
                "/skill",
                "SkillSelection",
                at,
                **place,
                skill=said.skill,
                probabilities=said.probabilities,
                **SCENE,
            )
            write(writer, "/latent", "Latent", at, **place, skill=said.skill, latent=said.latent, **ROBOT)
        seen, reward, _, _, info = env.step(said.action)
    event(writer, 1, 2, 2 + STEPS, STEPS, **(told | {"success": False}))
    writer.close()
    return folder


def test_played_episodes_are_those_of_the_evaluation(bundle: Path) -> None:
    found = list(play(Playing(bundle, object_sets=("1", "4"), episodes=1, seed=5), 1))
    assert [(each.object_set, each.seed, each.index) for each in found] == [("1", 5, 0), ("4", 5, 1)]
    for each, number in zip(found, (1, 4), strict=True):
        (expected,) = evaluate(Evaluation(str(bundle), number, episodes=1, seed=5), 1)
        assert (each.steps, each.success, each.furthest) == (expected.steps, expected.success, expected.best_stage)
        assert each.rewards.sum() == pytest.approx(expected.episode_return)
        assert each.latents.shape == (400, 8)
        assert set(each.skills) <= {0, 1, 2}


def test_the_number_of_workers_changes_nothing(bundle: Path) -> None:
    playing = Playing(bundle, object_sets=("2",), episodes=2, seed=5)
    for one, other in zip(play(playing, 1), play(playing, 2), strict=True):
        assert (one.index, one.seed) == (other.index, other.seed)
        np.testing.assert_array_equal(one.latents, other.latents)
        np.testing.assert_array_equal(one.stages, other.stages)


def test_a_bag_tells_what_was_played(bundle: Path, tmp_path: Path) -> None:
    (played,) = play(Playing(bundle, object_sets=("4",), episodes=1, seed=3), 1)
    recorded = Recorded(record(tmp_path / "bag", bundle))
    (episode,) = recorded.episodes
    assert (recorded.driver, recorded.task, recorded.skills, recorded.missed) == ("tiny", "red_on_blue", 3, 0)
    assert (episode.object_set, episode.seed, episode.steps) == ("4", 3, STEPS)
    for name in ("skills", "latents", "stages", "rewards", "successes"):
        np.testing.assert_array_equal(getattr(episode, name), getattr(played, name)[:STEPS])


@pytest.mark.needs_gl
def test_a_bag_and_the_cell_give_the_same_pictures(bundle: Path, tmp_path: Path) -> None:
    playing = Playing(bundle, object_sets=("4",), episodes=1, seed=3)
    recorded = Recorded(record(tmp_path / "bag", bundle))
    (episode,) = recorded.episodes
    steps = [2, STEPS - 1]
    shots = photograph(playing, episode, steps)
    assert [shot.shape for shot in shots] == 2 * [(480, 640, 3)]
    assert (shots[0] != shots[1]).any()
    np.testing.assert_array_equal(shots, recorded.photograph(episode, steps))


def test_a_silent_step_takes_what_was_said_before(bundle: Path, tmp_path: Path) -> None:
    whole = Recorded(record(tmp_path / "whole", bundle)).episodes[0]
    recorded = Recorded(record(tmp_path / "gap", bundle, silent=5))
    assert recorded.missed == 1
    np.testing.assert_array_equal(recorded.episodes[0].latents[5], whole.latents[4])
    np.testing.assert_array_equal(recorded.episodes[0].latents[6:], whole.latents[6:])


def test_a_bag_without_skills_is_refused(tmp_path: Path) -> None:
    writer = BagWriter(tmp_path / "bag")
    event(writer, 1, 1, 0)
    event(writer, 1, 2, 1, 0)
    writer.close()
    done = helms("report", str(tmp_path / "bag"), "-o", str(tmp_path / "page.html"))
    assert done.exit_code == 1
    assert "holds no skills: it was driven by expert; record a policy with helms record --policy" in done.output
    assert not (tmp_path / "page.html").exists()


def test_a_bag_is_not_played(bundle: Path, tmp_path: Path) -> None:
    bag = record(tmp_path / "bag", bundle)
    with pytest.raises(HelmsError, match="is a bag: its episodes are recorded, not played; leave out --episodes"):
        open_subject(bag, Wanted(episodes=3), lambda episodes, _: episodes).__enter__()


def test_a_bag_of_two_policies_is_refused(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(HelmsError, match="the drivers other, tiny; a report is about one policy at one task"):
        Recorded(_changing(tmp_path / "bag", bundle))


def _changing(folder: Path, bundle: Path) -> Path:
    """Write a bag whose second episode has another driver."""
    writer = BagWriter(folder)
    for number, driver in ((1, bundle.name), (2, "other")):
        at = 10 * number
        event(writer, number, 1, at, driver=driver)
        place = {"episode": number, "step": 0, "spec_hash": SPEC.hash}
        write(writer, "/skill", "SkillSelection", at, **place, skill=0, probabilities=np.ones(1, np.float32), **SCENE)
        write(writer, "/latent", "Latent", at, **place, skill=0, latent=np.zeros(8, np.float32), **ROBOT)
        outcome = {"reward": 0.0, "stage": 0, "success": False, "last": True, "reason": ""}
        write(writer, "/progress", "Progress", at, episode=number, step=1, **outcome)
        event(writer, number, 2, at + 1, 1, driver=driver)
    writer.close()
    return folder


def test_the_command_writes_page_picture_and_numbers(bundle: Path, tmp_path: Path) -> None:
    out, picture = tmp_path / "deep" / "page.html", tmp_path / "skills.png"
    words = ["--episodes", "1", "--seed", "7", "--object-sets", "2", "3", "--png", str(picture), "--workers", "1"]
    done = helms("report", str(bundle), "-o", str(out), *words, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["kind"], found["policy"], found["episodes"], found["seed"]) == ("bundle", "random", 2, 7)
    assert [entry["object_set"] for entry in found["success"]] == ["2", "3"]
    assert sum(found["usage"]) == pytest.approx(1.0)
    assert out.read_text().startswith("<!doctype html>")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "skills.png"]


def test_the_command_to_watch_a_failure_shows_that_episode(bundle: Path) -> None:
    wanted = Wanted(1, 7, ("2",), 1)
    with open_subject(bundle, wanted, lambda episodes, _: episodes) as subject:
        (found,) = (each for sets in failures(subject.episodes).values() for (each,) in sets.values())
        words = shlex.split(subject.watch(found))
    assert words[:4] == ["helms", "rollout", "--policy", str(bundle)]
    place = words.index("--video")
    done = helms(*words[1:place], *words[place + 2 :], "--json")
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout.splitlines()[-1])
    assert (shown["seed"], shown["success"], shown["best_stage"]) == (7, found.success, found.furthest)
    assert shown["episode_return"] == pytest.approx(found.rewards.sum())


def test_a_run_is_exported_and_its_curves_read(tmp_path: Path) -> None:
    dataset, run = make_dataset(tmp_path / "demos.h5"), tmp_path / "runs" / "first"
    small = ["policy.width=8", "steps=2", "save_every=2", "validate_every=2", "batch=2"]
    changes = [word for change in small for word in ("--set", change)]
    words = ["--config", "smoke", "--dataset", str(dataset), "--out", str(run), "--device", "cpu", *changes]
    assert helms("train", "offline", *words).exit_code == 0
    with open_subject(run, Wanted(1, 0, ("4",), 1), lambda episodes, _: episodes) as subject:
        assert (subject.kind, subject.name, subject.skills, len(subject.episodes)) == ("run", "first", 3, 1)
        assert {note["split"] for note in subject.metrics} >= {"valid"}
        assert subject.before == f"helms export {run} -o policies/first"
    assert sorted(path.name for path in run.parent.iterdir()) == ["first"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere", "-o", "a.html"), "nowhere is no run (it has no config.yaml), no bundle (no manifest.yaml) and"),
        (("nowhere", "-o", "a.pdf"), "a.pdf does not end in .html"),
        (("nowhere", "-o", "a.html", "--png", "a.jpg"), "a.jpg does not end in .png"),
        (("nowhere", "4", "-o", "a.html"), "got '4' after nowhere; a report is about one folder"),
        (("bag.partial", "-o", "a.html"), "bag.partial was not closed"),
    ],
)
def test_what_cannot_be_reported_is_refused(words: tuple[str, ...], message: str) -> None:
    done = helms("report", *words)
    assert done.exit_code == 1
    assert message in done.output


def test_an_unknown_object_set_is_refused_before_anything_is_played(bundle: Path) -> None:
    with pytest.raises(HelmsError, match="unknown object set"):
        Playing(bundle, object_sets=("9",))
    with pytest.raises(HelmsError, match="got 0 episodes from seed 1"):
        Playing(bundle, episodes=0, seed=1)
