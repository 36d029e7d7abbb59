"""helms ablate: comparison of training runs."""

import shlex
import sys
from dataclasses import asdict
from pathlib import Path

import click

from helms_control.errors import HelmsError
from helms_control.output import echo_json
from helms_learning.offline.config import load_config, presets, with_dataset

EPILOG = """\b
Examples:
  helms ablate --dataset demos.h5 --out runs/ablation
  helms ablate --dataset demos.h5 --out runs/ablation        again: resumes
  helms ablate --dataset demos.h5 --out runs/sticky --beta-z 0.1 --sticky-prob 0.5 --sticky-prob 0.9 --sticky-prob 0.99
  helms ablate --dataset demos.h5 --out runs/short --config laptop --set steps=5000 --json
"""


@click.command("ablate", epilog=EPILOG)
@click.option("--dataset", required=True, type=click.Path(path_type=Path), help="HDF5 file of helms dataset.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the runs and of the table.")
@click.option("--config", default="laptop", show_default=True, help=f"{', '.join(presets())}, or a YAML file.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Replace one value of the configuration.")
@click.option("--beta-z", "betas", multiple=True, type=float, default=(0.1, 0.0), show_default=True, help="KL weights.")
@click.option(
    "--sticky-prob",
    "sticky_probs",
    multiple=True,
    type=float,
    default=(0.9, 0.5),
    show_default=True,
    help="Prior probabilities of keeping the skill.",
)
@click.option("--device", help="Such as cpu or cuda; by default a GPU where there is one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    dataset: Path,
    out: Path,
    config: str,
    changes: tuple[str, ...],
    betas: tuple[float, ...],
    sticky_probs: tuple[float, ...],
    device: str | None,
    as_json: bool,
) -> None:
    """Train every pair of the weight beta_z and the prior's sticky_prob, and compare them in a table.

    The table, in table.md and table.json, gives the action error and statistics of the skills on the validation
    episodes. Finished runs are not repeated, interrupted ones are resumed.
    """
    from helms_learning.ablation import grid, markdown, run_all
    from helms_learning.commands.training import run_with_progress

    if not dataset.is_file():
        raise HelmsError(f"{dataset} does not exist; make it with helms dataset collect or build")
    configs = [
        (name, with_dataset(load_config(config, [*changes, *its]), str(dataset)))
        for name, its in grid(betas, sticky_probs)
    ]
    rows = list(run_all(out, configs, shlex.join(["helms", *sys.argv[1:]]), run_with_progress, device))
    if as_json:
        echo_json({"out": str(out), "dataset": str(dataset), "rows": [asdict(row) for row in rows]})
        return
    click.echo(markdown(rows), nl=False)
