"""helms bag video: video of a recording."""

from pathlib import Path

import click

from helms_sim.render import check_camera
from helms_sim.replay import film

EPILOG = """\b
Examples:
  helms bag video bags/demonstrations --out demonstrations.mp4
"""


@click.command("video", epilog=EPILOG)
@click.argument("bag", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The .mp4 to write; replaces an old one.")
@click.option("--picture", type=click.Path(path_type=Path), help="Write a .png of the end, likewise.")
@click.option("--camera", default="main", show_default=True, help="To look through.")
def command(bag: Path, out: Path, picture: Path | None, camera: str) -> None:
    """Draw the episodes of a simulated recording from the cell's state in it."""
    check_camera(camera)
    count = film(bag, out, picture, camera)
    click.echo(f"wrote {out}: {count} pictures", err=True)
