"""helms bench policy: how long a policy thinks."""

from typing import Any

import click
from tqdm import tqdm

from helms_control.output import echo_json

EPILOG = """\b
Examples:
  helms bench policy
  helms bench policy --policy policies/first --json
"""


@click.command("policy", epilog=EPILOG)
@click.option("--policy", help="Folder of a bundle; by default the shipped policies/red_on_blue.")
@click.option("--steps", type=click.IntRange(1), default=10_000, show_default=True, help="Control steps.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(policy: str | None, steps: int, as_json: bool) -> None:
    """Measure one control step of a policy: features and all levels in ONNX Runtime, from observation to action.

    Beside it, step by step in turn, the bare sessions on the same arrays. No ROS; `helms bench graph` has it.
    """
    from helms_control.benchmark.policy import measure
    from helms_control.policy import load_bundle, require_policy

    bundle, figures = load_bundle(require_policy(policy)), dict[str, Any]()
    with tqdm(total=steps, unit="step") as bar:
        for done, measured in measure(bundle, steps):
            figures = measured
            bar.update(done - bar.n)
    if as_json:
        echo_json(figures)
        return
    p50, bare = figures["p50_us"], figures["bare_sessions_p50_us"]
    click.echo(f"one control step, p50      {p50:6.1f} us   (at most 150)")
    click.echo(f"one control step, p99      {figures['p99_us']:6.1f} us")
    click.echo(f"bare sessions, p50         {bare:6.1f} us   (yardstick)")
    click.echo(f"policy over bare sessions  {p50 / bare:6.2f}      (at most 1.3)")
