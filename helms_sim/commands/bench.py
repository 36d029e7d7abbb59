"""helms bench sim: the speed of the cell."""

from typing import Any

import click
from tqdm import tqdm

from helms_control.output import echo_json
from helms_sim.benchmark.speed import measure_all

EPILOG = """\b
Examples:
  helms bench sim
  helms bench sim --json
"""

ROWS = (
    ("steps_per_s", "control steps per second, one process", "{:.0f}", "at least 1200; the reference cell makes 55"),
    ("overhead_ratio", "environment step over bare mj_step", "{:.2f}", "at most 1.25"),
    ("two_worker_speedup", "two worker processes over one", "{:.2f}", "at least 1.8"),
    ("reset_ms_p50", "reset, ms", "{:.1f}", "at most 30; the reference cell takes over 1000"),
    ("camera64_ms_p50", "64x64 camera picture, ms", "{:.2f}", "at most 10"),
)


@click.command("sim", epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(as_json: bool) -> None:
    """Measure the speed of the cell: object set 4, state observations, random actions.

    Each figure is the median of several runs. Close other programs first: every core is used.
    """
    figures: dict[str, Any] = {}
    for measured in tqdm(measure_all(), total=4, unit="measurement"):
        figures |= measured
    if as_json:
        echo_json(figures)
        return
    for name, label, form, target in ROWS:
        value = figures[name]
        click.echo(f"{label:40s} {form.format(value) if value is not None else '-':>8s}   ({target})")
    if "camera64_reason" in figures:
        click.echo(figures["camera64_reason"])
