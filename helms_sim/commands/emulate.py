"""helms emulate sawyer: the robot's topics and the gripper's port, without a robot."""

import signal
import socket
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import click

from helms_control.errors import HelmsError
from helms_control.output import echo_json
from helms_control.spec import CONTROL_HZ
from helms_sim.commands.options import object_set_of
from helms_sim.emulation.debian_ros1 import Rosmaster
from helms_sim.emulation.faults import Fault
from helms_sim.emulation.firmware import FIRMWARES
from helms_sim.emulation.remote import REQUEST, SERVICE, Remote
from helms_sim.emulation.sawyer import EmulatedSawyer, SawyerConfig
from helms_sim.emulation.watch import Watch
from helms_sim.randomisation import RANDOMISATIONS

MASTER = "http://127.0.0.1:11311"

EPILOG = f"""\b
Examples:
  helms emulate sawyer --start-master            everything on this machine; end it with Ctrl-C
  helms emulate sawyer --object-set 1 --seed 7   at a master that runs already (rosmaster --core)
  helms emulate sawyer --start-master --seconds 60 --json

\b
In another terminal, what the robot says and is told (with ROS 1's own tools):
  export ROS_MASTER_URI={MASTER}
  rostopic echo /robot/state
  rosparam set {REQUEST} '{{action: inject, fault: button}}' && rosservice call {SERVICE}
  rosparam set {REQUEST} '{{action: reset, seed: 3}}' && rosservice call {SERVICE}

\b
Actions are look, reset (seed; arm, task, object_set, randomisation), inject (fault; value) and clear (fault).
Faults: {", ".join(Fault)}.
"""


@click.command("sawyer", epilog=EPILOG)
@click.option("--object-set", default="4", show_default=True, metavar="SET", help="1 to 5, or others as in helms eval.")
@click.option("--task", default="red_on_blue", show_default=True, help="That success is judged by.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Where everything begins.")
@click.option("--randomisation", type=click.Choice(list(RANDOMISATIONS)), default="off", show_default=True)
@click.option("--master", default=MASTER, show_default=True, metavar="URI", help="The ROS 1 master.")
@click.option("--start-master", is_flag=True, help="Start the distribution's rosmaster at that address first.")
@click.option("--host", metavar="ADDRESS", help="Of this machine, as others reach it; else that on the way there.")
@click.option("--firmware", type=click.Choice(list(FIRMWARES)), default="5.3", show_default=True)
@click.option("--speed", type=click.FloatRange(0.01, 10.0), default=1.0, show_default=True, help="1 is real time.")
@click.option("--view", is_flag=True, help="Show it in the browser.")
@click.option("--port", type=click.IntRange(1024, 65535), default=8080, show_default=True, help="Of the view.")
@click.option("--seconds", type=click.FloatRange(min=0.0), help="End by itself after so long.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    object_set: str,
    task: str,
    seed: int,
    randomisation: str,
    master: str,
    start_master: bool,
    host: str | None,
    firmware: str,
    speed: float,
    view: bool,
    port: int,
    seconds: float | None,
    as_json: bool,
) -> None:
    """Put the simulated cell behind the topics of a Sawyer and the serial port of a 2F-85, in real time.

    A driver finds the same ROS 1 topics, parameters, modes, time-outs and limits as with the robot, and the poses of
    the objects on /objects/red, green and blue. Faults can be injected, to see what the driver does about them. It
    is no proof of how the real robot moves: the arm follows as the simulated one does.
    """
    config = SawyerConfig(master, host, task, object_set_of(object_set), randomisation, seed, firmware, speed)
    # Whoever ends it from outside shall leave no master and no link behind either.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        if start_master:
            stack.enter_context(_master(master, Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        robot = stack.enter_context(_robot(config))
        stack.callback(Remote(robot).close)
        click.echo(f"ROS 1 master   {master}", err=True)
        click.echo(f"gripper        {robot.gripper_port}  (or on topics /Robotiq2FGripperRobot...)", err=True)
        click.echo(f"objects        {', '.join(robot.names)}: seed {seed}, task {task}", err=True)
        click.echo(f"firmware       {firmware}; service {SERVICE}; end with Ctrl-C", err=True)
        begun, used = time.monotonic(), time.process_time()
        try:
            _watch(robot, seconds, port if view else None)
        except KeyboardInterrupt:
            click.echo("ended", err=True)
        summary = _summary(robot, time.monotonic() - begun, time.process_time() - used)
    if as_json:
        echo_json(summary)
        return
    click.echo(
        f"{summary['cycles']} cycles; late by p50 {summary['late_p50_ms']:.2f}, p99 {summary['late_p99_ms']:.2f}, at "
        f"most {summary['late_max_ms']:.2f} ms; {summary['cpu_percent']:.0f} % of a core; {summary['received']} joint "
        f"commands, {summary['refused']} refused"
    )


def _master(uri: str, folder: Path) -> Rosmaster:
    parts = urlsplit(uri)
    if parts.hostname not in ("127.0.0.1", "localhost") or not parts.port:
        raise HelmsError(f"a master can only be started on this machine, at http://127.0.0.1:PORT; got {uri}")
    with socket.socket() as sock:
        if sock.connect_ex((parts.hostname, parts.port)) == 0:
            raise HelmsError(f"something listens at {uri} already; if it is a master, leave out --start-master")
    return Rosmaster(folder, parts.port)


def _robot(config: SawyerConfig) -> EmulatedSawyer:
    try:
        return EmulatedSawyer(config)
    except HelmsError as error:
        raise HelmsError(
            f"the emulated Sawyer cannot start: {error}. A master is started by --start-master, or by "
            "`rosmaster --core` (Debian and Ubuntu: sudo apt-get install python3-rosmaster)"
        ) from error


def _watch(robot: EmulatedSawyer, seconds: float | None, port: int | None) -> None:
    """Wait until the time is over or the loop has ended; show the cell meanwhile."""
    end = float("inf") if seconds is None else time.monotonic() + seconds
    if port is not None:
        from helms_sim.render.viewer import LiveView

        watch = Watch(robot)
        view = LiveView(watch.episode.triplet, port)
        click.echo(f"live view      {view.url}", err=True)
    while (left := end - time.monotonic()) > 0.0:
        if robot.failure is not None:
            raise robot.failure
        if port is None:
            time.sleep(min(left, 0.5))
            continue
        if watch.refresh():
            view.use(watch.episode.triplet)
        view.update(watch.cell.data)
        time.sleep(min(left, 1.0 / CONTROL_HZ))


def _summary(robot: EmulatedSawyer, seconds: float, used: float) -> dict[str, object]:
    p50, p99, worst = robot.pace.lateness_ms()
    look = robot.look()
    return {
        "seconds": seconds,
        "cycles": len(robot.pace.late_s),
        "late_p50_ms": p50,
        "late_p99_ms": p99,
        "late_max_ms": worst,
        "left_out_s": robot.left_out_s,
        "cpu_percent": 100.0 * used / max(seconds, 1e-9),
        "received": look.received,
        "refused": look.refused,
        "timeouts": look.timeouts,
        "success": look.success,
    }
