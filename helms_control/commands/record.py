"""helms record: demonstrations into a bag, in one line."""

import time
from pathlib import Path

import click

from helms_control.errors import HelmsError
from helms_control.graph import DRIVERS, GraphSettings
from helms_control.output import echo_json

EPILOG = """\b
Examples:
  helms record --driver expert --object-set 1..5 --episodes 100 --seed 0 --out bags/demonstrations
  helms record --driver policies/red_on_blue --object-set 4 --episodes 10
  helms record --driver keyboard --episodes 1
"""


@click.command("record", epilog=EPILOG)
@click.option("--driver", default="expert", show_default=True, help=f"{', '.join(DRIVERS)}, or the folder of a bundle.")
@click.option("--object-set", default="1..5", show_default=True, metavar="SETS", help="One, or several in turn: 1..5.")
@click.option("--task", default="red_on_blue", show_default=True, metavar="TASK", help="As in helms eval.")
@click.option("--randomisation", default="off", show_default=True, help="off, training or hard.")
@click.option("--episodes", type=click.IntRange(min=1), default=10, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Episode i has seed SEED + i.")
@click.option("--noise", type=click.FloatRange(0.0, 1.0), default=0.0, show_default=True, help="Of the expert.")
@click.option("--real-time", is_flag=True, help="At 20 Hz; people always are.")
@click.option("--view", is_flag=True, help="Show the cell in the browser.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the bag; by default bags/ and the time.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    driver: str,
    object_set: str,
    task: str,
    randomisation: str,
    episodes: int,
    seed: int,
    noise: float,
    real_time: bool,
    view: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Record episodes into a bag, as fast as they go: simulation, driver and recorder composed in this process.

    The same seed and driver record the same observations and actions, bit for bit, as the plain environment. A bag
    whose recording was interrupted is repaired and continued.
    """
    from helms_control.nodes.series import run_series

    bag = out if out is not None else Path("bags") / time.strftime("%Y-%m-%d_%H-%M-%S")
    if bag.exists():
        raise HelmsError(f"{bag} exists already; name another with --out, or move it away")
    settings = GraphSettings(
        policy=driver,
        object_set=object_set,
        task=task,
        randomisation=randomisation,
        episodes=episodes,
        seed=seed,
        noise=noise,
        lockstep=not (real_time or driver in ("keyboard", "joy")),
        record=str(bag),
        view=view,
    )
    # A gamepad's node lives in another process.
    summary = run_series(settings, alone=driver != "joy") | {"bag": str(bag)}
    if as_json:
        echo_json(summary)
        return
    click.echo(
        f"wrote {bag}: {summary['episodes']} episodes, success {summary['success']:.1%}; see helms bag info {bag}"
    )
