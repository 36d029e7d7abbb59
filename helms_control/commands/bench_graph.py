"""helms bench graph, helms bench soak: the speed of the graph, and how it does over a long time."""

import time
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from helms_control.output import echo_json

EPILOG = """\b
Examples:
  helms bench graph
  helms bench graph --policy policies/first --steps 200 --json
"""
SOAK_EPILOG = """\b
Examples:
  helms bench soak
  helms bench soak --policy expert --minutes 1 --json
"""


@click.command("graph", epilog=EPILOG)
@click.option("--policy", help="Folder of a bundle; by default the shipped policies/red_on_blue.")
@click.option("--steps", type=click.IntRange(20), default=600, show_default=True, help="Of each latency, at 20 Hz.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(policy: str | None, steps: int, as_json: bool) -> None:
    """Measure the graph: latency from observation to action, and control steps a second in lockstep.

    Latency is measured through the three levels in processes of their own, through three empty nodes that pass the same
    messages on, and through the three levels composed in one process; all in one run, about two minutes.
    """
    from helms_control.benchmark.graph import measure_all
    from helms_control.policy import load_bundle, require_policy

    bundle = load_bundle(require_policy(policy), graphs=())
    figures: dict[str, Any] = {}
    for measured in tqdm(measure_all(str(bundle.folder), steps), total=4, unit="measurement"):
        figures |= measured
    if as_json:
        echo_json(figures)
        return
    for name, target in (("separate", "p99 at most 5"), ("relay", "yardstick"), ("composed", "p50 at most 1")):
        found = figures[name]
        click.echo(f"{name:10s} p50 {found['p50_ms']:.2f} ms, p99 {found['p99_ms']:.2f} ms   ({target})")
    pace = figures["lockstep_steps_per_s"]
    click.echo(f"lockstep   {pace['separate']:.0f} steps/s separate, {pace['composed']:.0f} composed   (300, 600)")


@click.command("soak", epilog=SOAK_EPILOG)
@click.option("--policy", help="Driver, or folder of a bundle; by default the shipped policies/red_on_blue.")
@click.option("--minutes", type=click.FloatRange(0.3, 600.0), default=10.0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the bag; by default out/ and the time.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def soak_command(policy: str | None, minutes: float, out: Path | None, as_json: bool) -> None:
    """Run the graph in real time for long, recorded, and look for missed actions, jitter, growth and gaps."""
    from helms_control.benchmark.soak import soak
    from helms_control.policy import require_policy

    policy = str(require_policy(policy))
    folder = out if out is not None else Path("out") / time.strftime("soak_%Y-%m-%d_%H-%M-%S")
    with tqdm(total=round(60.0 * minutes), unit="s") as bar:
        figures = soak(policy, minutes, folder, lambda passed: bar.update(round(passed) - bar.n) and None)
    if as_json:
        echo_json(figures)
        return
    for name, value in figures.items():
        click.echo(f"{name:22s} {value}")
