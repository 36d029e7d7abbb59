"""helms bench offline: speed of offline training."""

from typing import Any

import click
from tqdm import tqdm

from helms_control.output import echo_json
from helms_learning.offline.config import load_config, presets

EPILOG = """\b
Examples:
  helms bench offline
  helms bench offline --config laptop --json
  helms bench offline --set policy.skills=10
"""

ROWS = (
    ("steps_per_s", "training steps per second", "{:.2f}", "no target: it depends on the machine"),
    ("flop_per_step", "floating-point operations of a step", "{:.3g}", "counted: matrix products only"),
    ("matmul_flop_per_s", "large float32 matrix product, flop/s", "{:.3g}", "reference: same threads, same minute"),
    ("share_of_matmul", "share of that rate that training reaches", "{:.2f}", "at least 0.6"),
)
ROUNDS = 8


@click.command("offline", epilog=EPILOG)
@click.option("--config", default="paper", show_default=True, help=f"{', '.join(presets())}, or a YAML file.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Replace one value of the configuration.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(config: str, changes: tuple[str, ...], as_json: bool) -> None:
    """Measure offline training on the CPU: whole gradient steps against bare matrix products.

    Needs no dataset: windows of random numbers are drawn from a temporary file. All cores are used, so close other
    programs first.
    """
    from helms_learning.benchmark.offline import measure

    figures: dict[str, Any] = {}
    for measured in tqdm(measure(load_config(config, changes), ROUNDS), total=ROUNDS, unit="round"):
        figures = measured
    if as_json:
        echo_json(figures)
        return
    for name, label, form, target in ROWS:
        click.echo(f"{label:41s} {form.format(figures[name]):>9s}   ({target})")
