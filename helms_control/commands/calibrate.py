"""helms calibrate: what the driver of the real robot has to be told about the place where it stands."""

import sys
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.stroke import AS_COUNTED, measure_stroke
from helms_control.hardware.sawyer.connect import RobotSetup
from helms_control.hardware.sawyer.objects import BASE, Calibration, Objects
from helms_control.hardware.sawyer.registration import register
from helms_control.hardware.sawyer.resting import HIGHEST, SAMPLES, height_errors, mean_error
from helms_control.hardware.sawyer.shapes import hulls_of
from helms_control.output import echo_json

Array = npt.NDArray[np.float64]
S = RobotSetup

GRIPPER_EPILOG = """\b
Example:
  helms calibrate gripper --port /dev/serial/by-id/usb-FTDI_USB_TO_RS-485-if00-port0
"""
FRAME_EPILOG = """\b
Example, a file with three corners of the basket's floor, in a tracker's frame at its centre and as they were touched:
  # x y z in the frame, x y z in base, m
  -0.122  0.122 0  0.478  0.122 0.05
   0.122  0.122 0  0.722  0.122 0.05
   0.122 -0.122 0  0.722 -0.122 0.05
"""
HEIGHT_EPILOG = """\b
Example, with object set 4 at rest on the basket's floor, apart from each other:
  for c in red green blue; do timeout -s INT 10 ros2 topic echo --csv /tracker/$c > $c.csv; done
  helms calibrate height --object-set 4 --basket-frame "0.6 0 0.0498 0 0 0" red.csv green.csv blue.csv

\b
rostopic echo -p /tracker/red > red.csv records a ROS 1 topic.
"""


@click.command("gripper", epilog=GRIPPER_EPILOG)
@click.option("--port", required=True, help="Serial port of the 2F-85.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def gripper_command(port: str, yes: bool, as_json: bool) -> None:
    """Measure what the 2F-85 counts with its fingers fully open and fully closed.

    The empty fingers are activated, closed and opened over their whole stroke. No driver may use the port meanwhile.
    """
    from helms_control.hardware.gripper.modbus import ModbusConfig, ModbusGripper

    if not yes:
        click.echo("The fingers will close and open all the way: nothing may be between them. Press Enter.", err=True)
        if not sys.stdin.readline():
            raise HelmsError("nobody is there to answer; add --yes")
    gripper = ModbusGripper(ModbusConfig(port, calibration=AS_COUNTED))
    gripper.start()
    try:
        gripper.activate()
        stroke = measure_stroke(gripper)
    finally:
        gripper.close()
    if as_json:
        echo_json({"gripper_open": stroke.open, "gripper_closed": stroke.closed})
    else:
        click.echo(f"--set gripper_open={stroke.open} --set gripper_closed={stroke.closed}")


@click.command("frame", epilog=FRAME_EPILOG)
@click.argument("points", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def frame_command(points: Path, as_json: bool) -> None:
    """Work out where the objects' tracker, or the basket, stands in front of the robot.

    POINTS has a line of six numbers for each of three or more points that do not lie on a line.
    """
    link, errors = register(*_read(points))
    numbers = " ".join(f"{number:.5f}" for number in (*link.xyz, *link.rpy))
    if as_json:
        echo_json({"basket_frame": numbers, "error_mm": (1e3 * errors).tolist()})
        return
    for index, error in enumerate(errors, start=1):
        click.echo(f"point {index}: {1e3 * error:.1f} mm beside its place", err=True)
    click.echo(f'--set "basket_frame={numbers}"')


@click.command("height", epilog=HEIGHT_EPILOG)
@click.argument("recordings", nargs=3, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--object-set", required=True, metavar="SET", help="1 to 5, or three objects such as r3,s0,b2.")
@click.option("--basket-frame", default=S.basket_frame, show_default=True, help="The driver's parameter.")
@click.option("--tracker-frame", default=S.tracker_frame, show_default=True, help="The driver's parameter.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def height_command(
    recordings: tuple[Path, Path, Path], object_set: str, basket_frame: str, tracker_frame: str, as_json: bool
) -> None:
    """Measure the height error of the tracker: by how much resting objects miss the basket's floor.

    RECORDINGS are the poses of the red, green and blue object as CSV. Only objects that rest level on the flat floor
    count, neither on a side of the basket nor on each other.
    """
    if (hulls := hulls_of(object_set)) is None:
        raise HelmsError(f"unknown object set {object_set!r}; known are 1 to 5 and three objects such as r3,s0,b2")
    calibration = Calibration.of(tracker_frame, basket_frame)
    objects, recorded = Objects(calibration), [_recorded(path) for path in recordings]
    errors = height_errors([[objects.in_base(pose, frame) for pose, frame in poses] for poses in recorded], hulls)
    if not errors:
        raise HelmsError(
            f"no object rests level on the floor for {SAMPLES} poses within {1e3 * HIGHEST:.0f} mm of its height; "
            "check object set and basket frame, or lay the objects apart from each other and record again"
        )
    means, mean = [1e3 * error.mean for error in errors.values()], mean_error(errors)
    frame, spread = next(frame for poses in recorded for _, frame in poses), max(means) - min(means)
    if as_json:
        each = {colour: {"error_mm": 1e3 * e.mean, "noise_mm": 1e3 * e.spread} for colour, e in errors.items()}
        numbers = None if frame in BASE else calibration.lowered(mean)
        echo_json({"error_mm": 1e3 * mean, "spread_mm": spread, "objects": each, "basket_frame": numbers})
        return
    for colour, error in errors.items():
        click.echo(f"{colour}: {1e3 * error.mean:+.1f} mm, noise {1e3 * error.spread:.1f} mm", err=True)
    click.echo(f"mean {1e3 * mean:+.1f} mm, largest difference between objects {spread:.1f} mm", err=True)
    click.echo(calibration.remedy(mean, frame))


def _recorded(path: Path) -> list[tuple[Array, str]]:
    """Return poses (7,), wxyz, and their frames, from the CSV of a PoseStamped topic."""
    rows = [line.split(",") for line in path.read_text().splitlines() if line.strip() and not line.startswith("%")]
    try:
        return [(np.array(row[-7:], np.float64)[[0, 1, 2, 6, 3, 4, 5]], row[-8].strip()) for row in rows]
    except (ValueError, IndexError) as error:
        raise HelmsError(
            f"{path}: every line must end with frame, x, y, z, qx, qy, qz, qw, as recorded by: "
            "ros2 topic echo --csv TOPIC geometry_msgs/msg/PoseStamped"
        ) from error


def _read(points: Path) -> tuple[Array, Array]:
    """Return the points (n, 3) in both frames."""
    lines = [line.partition("#")[0].replace(",", " ").split() for line in points.read_text().splitlines()]
    try:
        table = np.array([[float(word) for word in words] for words in lines if words], np.float64).reshape(-1, 6)
    except ValueError as error:
        raise HelmsError(f"{points}: every line must have six numbers, x y z in the frame and in base, m") from error
    return table[:, :3], table[:, 3:]
