"""helms bench driver: latency, jitter and fault reactions of the driver."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from helms_control.output import echo_json

if TYPE_CHECKING:
    from helms_sim.benchmark.stack import DriverStack

EPILOG = """\b
Examples:
  helms bench driver                        one minute
  helms bench driver --seconds 600 --json   the full measure
  helms bench driver --faults               what happens when something goes wrong in motion

\b
Needs a ROS 1 master of the distribution:
  sudo apt-get install --no-install-recommends python3-rosmaster python3-rospy
Close other programs first: what they take from the processor is measured as well.
"""

DOMAIN = 97
ROWS = (
    ("p50_ms", "action to joint command, p50, ms", "{:.2f}", ""),
    ("p99_ms", "action to joint command, p99, ms", "{:.2f}", "at most 5"),
    ("stream_hz", "joint commands per second", "{:.2f}", "100"),
    ("period_jitter_p99_ms", "period of joint commands, error, p99, ms", "{:.2f}", "at most 3"),
    ("period_max_ms", "longest period, ms", "{:.1f}", ""),
    ("actions", "actions timed", "{:.0f}", ""),
    ("held", "actions not carried out", "{:.0f}", "0"),
    ("unclear", "actions whose joint command could not be told", "{:.0f}", ""),
)


@click.command("driver", epilog=EPILOG)
@click.option("--seconds", type=click.FloatRange(5.0), default=60.0, show_default=True, help="How long the arm moves.")
@click.option("--faults", is_flag=True, help="Measure faults instead: time to a commanded velocity of zero.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(seconds: float, faults: bool, as_json: bool) -> None:
    """Measure the driver's node with an emulated Sawyer and its gripper, each in a process of its own.

    Latency is the time from the sending of an action's message to the first joint command that differs because of it;
    joint commands are received over ROS 1 by a listener beside the robot. With --faults, every fault befalls a moving
    arm, its wrist at full speed, and the time is taken until no command for any motion is in force any more; about a
    minute and a half.
    """
    from helms_sim.benchmark.stack import DriverStack

    with _quiet(), DriverStack(DOMAIN) as stack:
        figures = _faults(stack) if faults else _motion(stack, seconds)
    if as_json:
        echo_json(figures)
        return
    if faults:
        for name, found in figures["faults"].items():
            click.echo(f"{name:50s} {found['zero_ms']:6.0f} ms   (at most {found['limit_ms']:.0f})")
        return
    for name, label, form, target in ROWS:
        click.echo(f"{label:48s} {form.format(figures[name]):>8s}" + (f"   ({target})" if target else ""))


def _motion(stack: "DriverStack", seconds: float) -> dict[str, Any]:
    from helms_sim.benchmark.driver import measure

    with tqdm(total=round(seconds), unit="s") as bar:
        return measure(stack, seconds, lambda passed: bar.update(min(round(passed), bar.total) - bar.n))


def _faults(stack: "DriverStack") -> dict[str, Any]:
    from helms_sim.benchmark.faults import SCENARIOS, measure

    found: dict[str, dict[str, Any]] = {}
    for scenario in tqdm(SCENARIOS, unit="fault"):
        reaction = measure(stack, scenario)
        numbers = {"zero_ms": 1e3 * reaction.zero_s, "limit_ms": 1e3 * scenario.limit_s, "speed": reaction.speed}
        found[scenario.name] = {**numbers, "reason": reaction.reason}
    return {"faults": found, "worst_ms": max(each["zero_ms"] for each in found.values())}


@contextmanager
def _quiet() -> Iterator[None]:
    """Say nothing of links that break: that the others end is no news here."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
