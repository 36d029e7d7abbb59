"""The driver's node in a graph in place of the simulation, with an emulated Sawyer and a ROS 1 master."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped
from std_srvs.srv import SetBool, Trigger

from helms_control.bags import check_bag
from helms_control.errors import HelmsError
from helms_control.graph import NodeSpec
from helms_control.nodes import qos
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.convert import doubles
from helms_control.nodes.sawyer_driver import SawyerDriverNode
from helms_control.nodes.setup import shapes_of
from helms_control.nodes.standard import pose
from helms_control.spec import COLOURS, SPEC
from helms_msgs.msg import Action, Commanded, Observation, Progress, Setup
from helms_msgs.srv import Reset
from helms_sim.emulation.controller import Mode as RobotMode
from helms_sim.emulation.debian_ros1 import Rosmaster
from helms_sim.emulation.sawyer import EmulatedSawyer, SawyerConfig
from helms_sim.objects import TRIPLETS, rgb_object
from test.graph.conftest import WAIT_S, Bench

pytestmark = pytest.mark.needs_ros1

DOWN = np.array([0.0, 0.0, -1.0, 0.0, 1.0])


@pytest.fixture
def robot(tmp_path: Path) -> Iterator[EmulatedSawyer]:
    with Rosmaster(tmp_path) as master, EmulatedSawyer(SawyerConfig(master.uri, "127.0.0.1")) as made:
        yield made


class RobotBench(Bench):
    """A bench that tracks the objects and answers every observation once it is told how."""

    def __init__(self, graph: ComposedGraph, robot: EmulatedSawyer) -> None:
        super().__init__(graph)
        self.robot, self.answer_with, self.offset = robot, DOWN, np.zeros(7)
        self._poses = [self.node.create_publisher(PoseStamped, f"tracker/{colour}", qos.PATH) for colour in COLOURS]
        self._actions = self.node.create_publisher(Action, "action", qos.SAID)
        self.node.create_timer(0.05, self._track)
        self.node.create_subscription(Observation, "observation", self._answer, qos.PATH)
        driver = graph.nodes["sawyer_driver"]
        assert isinstance(driver, SawyerDriverNode)
        self.driver = driver

    def trigger(self, name: str) -> Any:  # noqa: ANN401
        return self.call(Trigger, name)

    def prepare(self) -> None:
        assert self.trigger("activate_gripper").success
        self.until(lambda: not self.driver.driver.hindrances())

    def close(self) -> None:
        super().close()
        # The bench outlives the look at what is left behind.
        del self.driver, self._poses, self._actions

    def _track(self) -> None:
        for publisher, numbers in zip(self._poses, self.robot.look().objects + self.offset, strict=True):
            message = PoseStamped(pose=pose(numbers))
            message.header.frame_id, message.header.stamp = "base", self.node.get_clock().now().to_msg()
            publisher.publish(message)

    def _answer(self, seen: Observation) -> None:
        if not seen.last:
            place = {"header": seen.header, "episode": seen.episode, "step": seen.step, "spec_hash": SPEC.hash}
            self._actions.publish(Action(**place, action=doubles(self.answer_with)))


@pytest.fixture
def bench(domain: int, robot: EmulatedSawyer) -> Iterator[RobotBench]:
    parameters: dict[str, bool | int | float | str] = {
        "robot": robot.config.master_uri,
        "host": "127.0.0.1",
        "gripper": str(robot.gripper_port),
        "speed_scale": 1.0,
    }
    with ComposedGraph([NodeSpec("sawyer_driver", "sawyer_driver", parameters)], domain) as graph:
        made = RobotBench(graph, robot)
        yield made
        made.close()


def test_an_episode_needs_an_armed_robot(bench: RobotBench) -> None:
    refused = bench.call(Reset, "reset")
    assert (refused.success, refused.message[:36]) == (False, "no episode: the arm is disarmed; arm")
    assert "somebody to arm the robot" in bench.driver.waiting_for()
    assert not bench.trigger("arm").success
    assert bench.robot.look().received == 0


def test_observations_are_answered_and_carried_out(bench: RobotBench) -> None:
    commanded = bench.listen("commanded", Commanded)
    bench.prepare()
    before = bench.robot.look()
    assert bench.trigger("arm").success
    reset = bench.call(Reset, "reset", episode=7)
    assert (reset.success, reset.episode, reset.object_set) == (True, 7, "4")
    bench.until(lambda: len(commanded) >= 20)
    assert [message.step for message in commanded[:20]] == list(range(20))
    assert {message.held for message in commanded[2:20]} == {""}
    np.testing.assert_allclose(commanded[19].velocity, [0.0, 0.0, -0.065, 0.0, 255.0], atol=0.01)
    look = bench.robot.look()
    assert look.pinch[2] < before.pinch[2] - 0.03
    assert look.fingers > before.fingers + 50


def test_a_reset_names_the_objects_and_tells_the_setup(bench: RobotBench) -> None:
    setups = bench.listen("setup", Setup, qos.SETUP)
    bench.prepare()
    bench.trigger("arm")
    refused = bench.call(Reset, "reset", task="fly")
    assert not refused.success
    assert refused.message.startswith("task 'fly' names no roles; a task is such as red_on_blue")
    reset = bench.call(Reset, "reset", episode=7, task="green_on_red")
    assert (reset.success, reset.task, reset.objects) == (True, "green_on_red", list(TRIPLETS[4]))
    bench.until(lambda: bool(setups))
    # Nothing was told of the episode that was refused. Green is carried, red the base.
    assert [(setup.episode, setup.task, setup.roles.tolist()) for setup in setups] == [(7, "green_on_red", [1, 0, 2])]
    assert setups[0].objects == list(TRIPLETS[4])
    shapes = [rgb_object(name).vertices for name in TRIPLETS[4]]
    for told, shape in zip(shapes_of(setups[0]), shapes, strict=True):
        # The same corners in whatever order, to a micrometre: the driver has a table of its own, which is rounded.
        nearest = np.linalg.norm(told[:, None] - shape[None], axis=-1)
        assert told.shape == shape.shape
        assert max(nearest.min(axis=0).max(), nearest.min(axis=1).max()) < 1e-6


def test_an_emergency_stop_ends_the_episode_and_the_robot_is_enabled_anew(bench: RobotBench) -> None:
    progress = bench.listen("progress", Progress)
    bench.prepare()
    bench.trigger("arm")
    bench.call(Reset, "reset")
    bench.until(lambda: bool(progress) and progress[-1].step > 5)
    bench.call(SetBool, "emergency_stop", data=True)
    bench.until(lambda: progress[-1].last)
    assert "emergency stop" in progress[-1].reason
    bench.until(lambda: bool(bench.robot.look().power["stopped"]))
    assert "emergency stop" in bench.trigger("arm").message
    assert bench.trigger("enable").success
    bench.until(lambda: not bench.driver.driver.hindrances() and not bench.driver.driver.power())
    assert bench.trigger("arm").success


def test_when_nobody_answers_any_more_the_arm_stands(bench: RobotBench) -> None:
    commanded = bench.listen("commanded", Commanded)
    bench.prepare()
    bench.trigger("arm")
    bench.call(Reset, "reset")
    bench.until(lambda: len(commanded) >= 10)
    bench.answer_with = np.zeros(4)
    bench.until(lambda: commanded[-1].refused >= 5)
    assert commanded[-1].held == "no action in time"
    bench.until(lambda: bench.robot.look().still())
    assert bench.robot.look().mode is RobotMode.VELOCITY


def test_a_wrong_tracker_is_reported_and_holds_the_arm_while_it_lasts(bench: RobotBench) -> None:
    commanded = bench.listen("commanded", Commanded)
    bench.answer_with = np.zeros(5)
    bench.offset[2] = 0.004
    bench.prepare()
    bench.until(lambda: "resting objects miss the basket's floor by +" in bench.driver.report()[0])
    bench.trigger("arm")
    bench.call(Reset, "reset")
    bench.offset[1] = 0.6
    bench.until(lambda: bool(commanded) and "m outside the basket" in commanded[-1].held)
    assert "m outside the basket" in bench.driver.report()[0]
    bench.offset[1] = 0.0
    bench.until(lambda: commanded[-1].held == "")


def test_the_end_of_the_node_brakes_and_leaves_the_mode(domain: int, robot: EmulatedSawyer, bench: RobotBench) -> None:
    bench.prepare()
    bench.trigger("arm")
    bench.call(Reset, "reset")
    assert bench.graph.spin_until(lambda: robot.look().mode is RobotMode.VELOCITY, WAIT_S)
    bench.driver.trigger_deactivate()
    bench.until(lambda: robot.look().mode is RobotMode.POSITION)
    assert robot.look().timeouts == 0


def test_without_a_robot_the_node_says_why_it_stays_down(domain: int) -> None:
    for uri, words in (("", "parameter robot is empty"), ("http://127.0.0.1:1", r"127\.0\.0\.1:1")):
        spec = NodeSpec("sawyer_driver", "sawyer_driver", {"robot": uri})
        with pytest.raises(HelmsError, match=words), ComposedGraph([spec], domain):
            pass


def deploy(robot: EmulatedSawyer, bundle: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `helms deploy` as a user does, with the objects on ROS 1."""
    settings = ["host=127.0.0.1", *(f"{colour}_pose=/objects/{colour}" for colour in COLOURS)]
    command = [sys.executable, "-c", "from helms_control.cli import main; main()", "deploy", "--policy", str(bundle)]
    command += ["--robot", robot.config.master_uri, "--tracker", "ros1", *arguments]
    command += [word for setting in settings for word in ("--set", setting)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env={**os.environ})


@pytest.mark.usefixtures("domain")
def test_a_dry_run_reports_and_sends_nothing(robot: EmulatedSawyer, bundle: Path) -> None:
    done = deploy(robot, bundle, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["dry_run"], told["episodes"], told["aborted"]) == (True, 1, 0)
    assert told["commands"] > 1500 and told["fastest_joint"] > 0.0
    assert "success" not in told
    assert robot.look().received == 0


@pytest.mark.usefixtures("domain")
def test_a_deployed_policy_is_recorded(robot: EmulatedSawyer, bundle: Path, tmp_path: Path) -> None:
    arm = ("--gripper", str(robot.gripper_port), "--enable", "--arm", "--speed-scale", "1.0")
    done = deploy(robot, bundle, *arm, "--record", str(tmp_path / "bag"))
    assert done.returncode == 0, done.stderr
    assert "1 episodes, 0 aborted" in done.stdout
    assert check_bag(tmp_path / "bag") == []
    look = robot.look()
    assert look.received > 1500
    assert (look.refused, look.timeouts, look.mode) == (0, 0, RobotMode.POSITION)
