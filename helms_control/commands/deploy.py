"""helms deploy: run a policy on the real robot, without ros2 launch."""

import signal
import sys
from pathlib import Path
from typing import Any

import click

from helms_control.errors import HelmsError
from helms_control.graph import GraphSettings
from helms_control.output import echo_json

EPILOG = """\b
Examples:
  helms deploy --policy policies/red_on_blue --robot http://sawyer:11311 --dry-run
  helms deploy --policy policies/red_on_blue --robot http://sawyer:11311 --gripper /dev/ttyUSB0 --enable --arm
  helms deploy --policy policies/red_on_blue --robot http://sawyer:11311 --gripper /dev/ttyUSB0 --arm \\
      --speed-scale 1.0 --episodes 10 --record bags/robot --set "basket_frame=0.6 0 0 0 0 0.02"

\b
Without --arm nothing moves until the robot is armed by: ros2 service call /arm std_srvs/srv/Trigger
Keep the emergency stop button in your hand. Ctrl-C brakes to zero velocity and returns control to the robot.
"""


@click.command("deploy", epilog=EPILOG)
@click.option("--policy", required=True, help="Folder of a policy bundle; or joy, a gamepad on the topic joy.")
@click.option("--robot", required=True, metavar="URI", help="URI of the robot's ROS 1 master, http://host:11311.")
@click.option(
    "--gripper",
    default="none",
    show_default=True,
    help="Serial port of the 2F-85, topics for Robotiq's ROS 1 node, or none.",
)
@click.option("--arm", is_flag=True, help="Arm the robot before each episode: it will move.")
@click.option("--enable", is_flag=True, help="First switch on the motors and activate the gripper: its fingers move.")
@click.option("--ready", is_flag=True, help="Move to the start pose of episodes after arming.")
@click.option("--dry-run", is_flag=True, help="Compute all commands, but send none.")
@click.option(
    "--speed-scale",
    type=click.FloatRange(0.01, 1.0),
    default=0.25,
    show_default=True,
    help="Factor on the commanded joint velocities.",
)
@click.option("--episodes", type=click.IntRange(1, 1000), default=1, show_default=True, help="Number of episodes.")
@click.option("--object-set", default="4", show_default=True, metavar="SET", help="Objects on the table, for the bag.")
@click.option("--record", type=click.Path(path_type=Path), help="Folder of the bag to record.")
@click.option(
    "--tracker", type=click.Choice(["ros2", "ros1"]), default="ros2", show_default=True, help="Source of object poses."
)
@click.option(
    "--set", "parameters", multiple=True, metavar="NAME=VALUE", help="Other parameter of the driver; repeatable."
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation between episodes.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    policy: str,
    robot: str,
    gripper: str,
    arm: bool,
    enable: bool,
    ready: bool,
    dry_run: bool,
    speed_scale: float,
    episodes: int,
    object_set: str,
    record: Path | None,
    tracker: str,
    parameters: tuple[str, ...],
    yes: bool,
    as_json: bool,
) -> None:
    """Run a policy on a Sawyer: driver, policy, episode manager and recorder composed in this process.

    Nothing moves before the robot is armed. A dry run arms itself and reports the commands that it would have sent.
    """
    from helms_control.nodes.deployment import Deployment

    if dry_run and (arm or enable):
        raise HelmsError("--dry-run sends nothing, so it goes with neither --arm nor --enable; choose one")
    if arm and episodes > 1 and not (yes or sys.stdin.isatty()):
        raise HelmsError("each further episode needs a confirmation, and there is no terminal; add --yes, or run one")
    settings = GraphSettings(
        policy=policy,
        object_set=object_set,
        episodes=episodes,
        record=str(record) if record else "",
        robot=robot,
        gripper=gripper,
        speed_scale=speed_scale,
        dry_run=dry_run,
        driver_parameters=";".join((f"tracker={tracker}", f"ready_first={ready and not dry_run}", *parameters)),
    )

    def say(words: str) -> None:
        click.echo(words, err=True)

    # SIGTERM ends it as Ctrl-C does: brake, then return control to the robot.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Deployment(settings, say) as deployment:
        if enable:
            deployment.enable()
            deployment.activate_gripper()
        if not (arm or dry_run):
            say("waiting to be armed: ros2 service call /arm std_srvs/srv/Trigger")
        summary = deployment.run(arm or dry_run, None if yes or dry_run else _confirm)
    if as_json:
        echo_json(summary)
    else:
        _tell(summary)


def _tell(summary: dict[str, Any]) -> None:
    would = "would have sent" if summary["dry_run"] else "sent"
    click.echo(
        f"{summary['episodes']} episodes, {summary['aborted']} aborted, {summary['missed']} steps held; "
        f"{would} {summary['commands']} commands, fastest joint {summary['fastest_joint']:.2f} rad/s"
    )
    for kind, count in summary["findings"].items():
        click.echo(f"  {kind}: {count} cycles")


def _confirm(words: str) -> None:
    click.echo(f"{words}; then press Enter", err=True)
    sys.stdin.readline()
