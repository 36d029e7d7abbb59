"""helms train offline: learn skills from demonstrations."""

import shlex
import sys
from pathlib import Path

import click

from helms_control.errors import HelmsError
from helms_control.output import echo_json
from helms_learning.offline.config import load_config, presets, with_dataset

EPILOG = """\b
Examples:
  helms train offline --config laptop --dataset demos.h5 --out runs/first
  helms train offline --resume runs/first
  helms train offline --config laptop --dataset demos.h5 --out runs/k10 --set policy.skills=10 --set seed=1
  tensorboard --logdir runs
"""


@click.command("offline", epilog=EPILOG)
@click.option("--config", default="laptop", show_default=True, help=f"{', '.join(presets())}, or a YAML file.")
@click.option("--dataset", default="", help="HDF5 file of helms dataset; replaces that of the configuration.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run.")
@click.option("--resume", type=click.Path(path_type=Path), help="Continue this run.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Replace one value of the configuration.")
@click.option("--device", help="Such as cpu or cuda; by default a GPU where there is one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def offline(
    config: str,
    dataset: str,
    out: Path | None,
    resume: Path | None,
    changes: tuple[str, ...],
    device: str | None,
    as_json: bool,
) -> None:
    """Learn skills from a dataset by the evidence lower bound, skills marginalised exactly.

    The run's folder contains configuration, provenance, metrics, TensorBoard events and checkpoints. --resume continues
    an interrupted run, with the same numbers as an uninterrupted one.
    """
    from helms_learning.commands.training import run_with_progress
    from helms_learning.offline import run
    from helms_learning.offline.trainer import Trainer

    if (out is None) == (resume is None):
        raise HelmsError("give either --out for a new run or --resume for one that was interrupted")
    command = shlex.join(["helms", *sys.argv[1:]])
    if resume is not None:
        folder, chosen = resume, run.resume(resume, command, run.choose_device(device))
    else:
        assert out is not None
        folder, chosen = out, load_config(config, changes)
        chosen = with_dataset(chosen, dataset or chosen.dataset)
        if not chosen.dataset:
            raise HelmsError("no dataset; name one with --dataset, made by helms dataset collect or build")
        if not Path(chosen.dataset).is_file():
            raise HelmsError(f"{chosen.dataset} does not exist; make it with helms dataset collect or build")
        run.begin(folder, chosen, command, run.choose_device(device))
    trainer = Trainer(folder, chosen, device)
    validation = run_with_progress(trainer)
    if as_json:
        echo_json({"run": str(folder), "steps": trainer.step, **{f"valid_{k}": v for k, v in validation.items()}})
        return
    click.echo(f"{folder}: {trainer.step} steps; make a bundle of it with helms export {folder} -o policies/NAME")
