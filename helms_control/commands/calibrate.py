"""helms calibrate: what the driver of the real robot has to be told about the place where it stands."""

import sys
from pathlib import Path

import click
import numpy as np

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.stroke import AS_COUNTED, measure_stroke
from helms_control.hardware.sawyer.registration import register
from helms_control.output import echo_json

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


def _read(points: Path) -> "tuple[np.typing.NDArray[np.float64], np.typing.NDArray[np.float64]]":
    """Return the points (n, 3) in both frames."""
    lines = [line.partition("#")[0].replace(",", " ").split() for line in points.read_text().splitlines()]
    try:
        table = np.array([[float(word) for word in words] for words in lines if words], np.float64).reshape(-1, 6)
    except ValueError as error:
        raise HelmsError(f"{points}: every line must have six numbers, x y z in the frame and in base, m") from error
    return table[:, :3], table[:, 3:]
