"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from helms_sim.randomisation import RANDOMISATIONS
from helms_sim.rollout.actors import ACTORS
from helms_sim.tasks import TASK_NAMES, RewardKind

F = TypeVar("F", bound=Callable[..., Any])


def cell_options(function: F) -> F:
    """Add --policy, --object-set, --task, --seed, --reward, --randomisation and --noise."""
    for option in reversed(
        (
            click.option(
                "--policy",
                "--driver",
                "policy",
                default="expert",
                show_default=True,
                metavar="POLICY",
                help=f"Source of actions: {', '.join(ACTORS)}, or the folder of a bundle; --driver is its old name.",
            ),
            click.option(
                "--object-set",
                default="4",
                show_default=True,
                metavar="SET",
                help="1 to 5; or train, heldout, test for random triplets; or a triplet such as r3,s0,b2.",
            ),
            click.option(
                "--task",
                default="red_on_blue",
                show_default=True,
                metavar="TASK",
                help=f"One of {', '.join(TASK_NAMES[:6])}, pyramid, pyramid_A_B_TOP.",
            ),
            click.option(
                "--seed",
                type=click.IntRange(min=0),
                default=0,
                show_default=True,
                help="The same seed, the same episode.",
            ),
            click.option(
                "--reward",
                type=click.Choice([str(kind) for kind in RewardKind]),
                default="dense",
                show_default=True,
                help="All of the progress, finished stages only, or success only.",
            ),
            click.option(
                "--randomisation",
                type=click.Choice(list(RANDOMISATIONS)),
                default="off",
                show_default=True,
                help="Physics, sensors and action delay, drawn for every episode.",
            ),
            click.option(
                "--noise",
                type=click.FloatRange(0.0, 1.0),
                default=0.0,
                show_default=True,
                help="Disturbance of the demonstrator, a share of the action range.",
            ),
        )
    ):
        function = option(function)
    return function


def object_set_of(text: str) -> int | str:
    """Turn "4" into 4 and leave everything else as it is."""
    return int(text) if text.isdigit() else text
