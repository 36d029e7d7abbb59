"""The demonstrator stacks through the driver: actions, safety layer, ROS 1, emulated Sawyer and gripper, in real time.

python benchmarks/robot_stack.py --object-set 4 --seeds 1 2 3 --json
"""

import argparse
import logging
import tempfile
import time
from pathlib import Path

import numpy as np

from helms_control.errors import HelmsError
from helms_control.hardware.sawyer.connect import RobotSetup, connect
from helms_control.hardware.sawyer.driver import SawyerDriver
from helms_control.output import echo_json
from helms_control.spec import COLOURS, CONTROL_HZ, EPISODE_STEPS, SPEC
from helms_sim.emulation.debian_ros1 import Rosmaster
from helms_sim.emulation.sawyer import EmulatedSawyer, SawyerConfig
from helms_sim.emulation.watch import Watch
from helms_sim.expert.demonstrator import Demonstrator

HOST = "127.0.0.1"
READY_S = 15.0


def main() -> None:
    """Run an episode for each seed and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--object-set", type=int, default=4)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    # Both sides live in this process: what they say about each other's end is no news.
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder, Rosmaster(Path(folder)) as master:
        episodes = [episode(master.uri, options.object_set, seed) for seed in options.seeds]
    for each in episodes:
        print(each)
    if options.json:
        done = [bool(each["success"]) for each in episodes]
        echo_json({"object_set": options.object_set, "success": float(np.mean(done)), "episodes": episodes})


def episode(master_uri: str, object_set: int, seed: int) -> dict[str, object]:
    """Run one episode and return how it ended."""
    with EmulatedSawyer(SawyerConfig(master_uri, HOST, object_set=object_set, seed=seed)) as robot:
        poses = tuple(f"/objects/{colour}" for colour in COLOURS)
        setup = RobotSetup(master_uri, HOST, gripper=robot.gripper_port, ros1_poses=poses, speed_scale=1.0)
        connection = connect(setup)
        driver = connection.driver
        try:
            connection.activate_gripper()
            wait_until_ready(driver)
            held, reason = drive(driver, robot)
        finally:
            connection.close()
        look, (p50, p99, _) = robot.look(), robot.pace.lateness_ms()
        return {
            "seed": seed,
            "success": look.success,
            "ended": reason,
            "held": held,
            "received": look.received,
            "refused": look.refused,
            "timeouts": look.timeouts,
            "late_p50_ms": round(p50, 2),
            "late_p99_ms": round(p99, 2),
        }


def wait_until_ready(driver: SawyerDriver) -> None:
    """Wait until nothing speaks against arming."""
    end = time.monotonic() + READY_S
    while against := driver.hindrances():
        if time.monotonic() > end:
            raise HelmsError(f"the driver cannot be armed: {against}")
        time.sleep(0.02)


def drive(driver: SawyerDriver, robot: EmulatedSawyer) -> tuple[int, str]:
    """Let the demonstrator drive; return the steps in which the arm was held, and why the episode ended."""
    watch = Watch(robot)
    expert = Demonstrator(watch)
    expert.reset(seed=0)
    driver.arm()
    instant, held, due = driver.begin(), 0, time.monotonic()
    for _ in range(EPISODE_STEPS):
        watch.refresh()
        try:
            driver.offer(instant.episode, instant.step, SPEC.hash, expert.act())
        except HelmsError as error:
            return held, str(error)
        due += 1.0 / CONTROL_HZ
        time.sleep(max(due - time.monotonic(), 0.0))
        told = driver.tick()
        if told is None:
            return held, "; ".join(driver.loop.commander.layer.reasons)
        command, instant = told
        held += bool(command.held)
    return held, instant.reason


if __name__ == "__main__":
    main()
