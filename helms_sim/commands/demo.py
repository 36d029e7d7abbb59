"""helms demo: one episode through the whole graph."""

import json
import time
from pathlib import Path

import click

from helms_control.durable import write_text
from helms_control.graph import DRIVERS, GraphSettings
from helms_control.output import echo_json
from helms_sim.render import NoGlError
from helms_sim.replay import film

EPILOG = """\b
Examples:
  helms demo
  helms demo --object-set 1 --seed 3
  helms demo --view                     then open the address it prints; runs at its real speed
  helms demo --policy policies/red_on_blue --episodes 5
"""


@click.command("demo", epilog=EPILOG)
@click.option(
    "--policy", help=f"{', '.join(DRIVERS)}, or the folder of a bundle; by default the shipped policy, or the expert."
)
@click.option("--object-set", default="4", show_default=True, metavar="SET", help="1 to 5, or others as in helms eval.")
@click.option("--seed", type=click.IntRange(min=0), default=2, show_default=True)
@click.option("--episodes", type=click.IntRange(1, 20), default=1, show_default=True)
@click.option("--view", is_flag=True, help="Show it in the browser while it runs, at its real speed.")
@click.option("--real-time", is_flag=True, help="Run at 20 Hz instead of as fast as it goes.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to; by default out/ and the time.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    policy: str | None,
    object_set: str,
    seed: int,
    episodes: int,
    view: bool,
    real_time: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Run the whole graph in this process: simulation, driver, episode manager, recorder.

    Writes the bag of it, a video and a picture drawn from the bag, and a summary. Without a GL library there are no
    pictures, and the command says which system package gives them.
    """
    from helms_control.nodes.series import run_series
    from helms_control.policy import shipped_policy

    out = out if out is not None else Path("out") / time.strftime("demo_%Y-%m-%d_%H-%M-%S")
    who = policy if policy is not None else str(shipped_policy() or "expert")
    lockstep = not (view or real_time or who in ("keyboard", "joy"))
    settings = GraphSettings(
        policy=who,
        object_set=object_set,
        episodes=episodes,
        seed=seed,
        lockstep=lockstep,
        record=str(out / "bag"),
        view=view,
    )
    # Alone as fast as it goes; at its real speed, others may want to look at the topics.
    summary = run_series(settings, alone=lockstep)
    files = [out / "bag", *_pictures(out), out / "summary.json"]
    summary["files"] = [str(file) for file in files]
    write_text(files[-1], json.dumps(summary, indent=2) + "\n")
    if as_json:
        echo_json(summary)
        return
    for file in files:
        click.echo(f"wrote {file}", err=True)
    click.echo(
        f"{who} on object set {object_set}: {summary['success']:.0%} of {summary['episodes']} episodes succeeded, "
        f"mean return {summary['return_mean']:.1f} (seed {seed})"
    )


def _pictures(out: Path) -> list[Path]:
    video, picture = out / "demo.mp4", out / "demo.png"
    try:
        film(out / "bag", video, picture)
    except NoGlError as error:
        click.echo(f"no pictures: {error}", err=True)
        return []
    return [video, picture]
