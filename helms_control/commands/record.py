"""helms record: record episodes into a bag."""

import time
from pathlib import Path

import click

from helms_control.errors import HelmsError
from helms_control.graph import DRIVERS, GraphSettings
from helms_control.output import echo_json

EPILOG = """\b
Examples:
  helms record --policy expert --object-set 1..5 --episodes 100 --seed 0 --out bags/demonstrations
  helms record --policy policies/red_on_blue --object-set 4 --episodes 10
  helms record --policy keyboard --episodes 1
"""


@click.command("record", epilog=EPILOG)
@click.option(
    "--policy",
    "--driver",
    "policy",
    default="expert",
    show_default=True,
    help=f"Source of actions: {', '.join(DRIVERS)}, or the folder of a bundle; --driver is its old name.",
)
@click.option(
    "--object-set", default="1..5", show_default=True, metavar="SETS", help="1 to 5, or several in rotation: 1..5."
)
@click.option(
    "--task",
    default="red_on_blue",
    show_default=True,
    metavar="TASK",
    help="A_on_B such as red_on_blue, pyramid, or pyramid_A_B_TOP.",
)
@click.option("--randomisation", default="off", show_default=True, help="Domain randomisation: off, training or hard.")
@click.option("--episodes", type=click.IntRange(min=1), default=10, show_default=True, help="Number of episodes.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Episode i has seed SEED + i.")
@click.option(
    "--noise",
    type=click.FloatRange(0.0, 1.0),
    default=0.0,
    show_default=True,
    help="Noise on the expert's motion: standard deviation as a fraction of the velocity limits.",
)
@click.option("--real-time", is_flag=True, help="Run at 20 Hz, as keyboard and joy always do; not as fast as possible.")
@click.option("--view", is_flag=True, help="Show the cell in the browser.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the bag; by default bags/DATE_TIME.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    policy: str,
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
    """Record episodes into a bag as fast as possible: simulation, policy and recorder composed in this process.

    With the same seed and policy, observations and actions are bit for bit those of the plain environment. An
    interrupted recording with the same --out is repaired and appended to.
    """
    from helms_control.nodes.series import run_series

    bag = out if out is not None else Path("bags") / time.strftime("%Y-%m-%d_%H-%M-%S")
    if bag.exists():
        raise HelmsError(f"{bag} exists already; name another with --out, or move it away")
    settings = GraphSettings(
        policy=policy,
        object_set=object_set,
        task=task,
        randomisation=randomisation,
        episodes=episodes,
        seed=seed,
        noise=noise,
        lockstep=not (real_time or policy in ("keyboard", "joy")),
        record=str(bag),
        view=view,
    )
    # The gamepad's node runs in another process, so discovery stays on.
    summary = run_series(settings, alone=policy != "joy") | {"bag": str(bag)}
    if as_json:
        echo_json(summary)
        return
    click.echo(
        f"wrote {bag}: {summary['episodes']} episodes, success {summary['success']:.1%}; see helms bag info {bag}"
    )
