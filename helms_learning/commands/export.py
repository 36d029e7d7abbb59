"""helms export: write a run's policy as a bundle."""

import dataclasses
from pathlib import Path

import click
from tqdm import tqdm

from helms_control.episodes import object_sets_of
from helms_control.errors import HelmsError
from helms_control.output import echo_json

EPILOG = """\b
Examples:
  helms export runs/first -o policies/first
  helms export runs/first -o policies/first --measure 200 --seed 2000      and note its success in the manifest
"""


@click.command("export", epilog=EPILOG)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Folder of the bundle.")
@click.option("--replace", is_flag=True, help="Replace a bundle that is there; nothing else is replaced.")
@click.option("--measure", type=click.IntRange(min=1), metavar="N", help="Run N episodes for each task and object set.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=2000, show_default=True, help="Seed of the first measured episode."
)
@click.option("--task", "tasks", multiple=True, help="Measure this task; by default all in the training data.")
@click.option("--object-sets", default="", help="Measure these, such as 1..5; by default all in the training data.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    run: Path,
    out: Path,
    replace: bool,
    measure: int | None,
    seed: int,
    tasks: tuple[str, ...],
    object_sets: str,
    as_json: bool,
) -> None:
    """Write the newest checkpoint of a run as a bundle: three ONNX graphs and a manifest.

    The manifest contains configuration, data and versions of the training, and, with --measure, the measured success.
    """
    from helms_control.policy import read_manifest, write_manifest
    from helms_control.policy.manifest import NAME
    from helms_learning.export import export_run
    from helms_learning.offline.run import UNKNOWN

    folder = export_run(run, out, replace=replace)
    manifest = read_manifest(folder / NAME)
    if measure is not None:
        sets = object_sets_of(object_sets) if object_sets else manifest.object_sets
        chosen = tasks or manifest.tasks
        if UNKNOWN in (*chosen, *sets):
            raise HelmsError(
                f"{folder} is written, but nothing was measured: the run did not record its tasks {list(chosen)} and "
                f"object sets {list(sets)}; name them with --task and --object-sets"
            )
        success = [_measured(folder, task, name, measure, seed) for task in chosen for name in sets]
        manifest = dataclasses.replace(manifest, success=tuple(success))
        write_manifest(manifest, folder)
    if as_json:
        echo_json({"bundle": str(folder), "skills": manifest.skills, "success": list(manifest.success)})
        return
    click.echo(f"{folder}: {manifest.skills} skills, trained on {', '.join(manifest.tasks)}")
    for entry in manifest.success:
        click.echo(
            f"  {entry['task']}, set {entry['object_set']}: success {entry['success']:.1%} of {entry['episodes']}"
        )


def _measured(folder: Path, task: str, object_set: str, episodes: int, seed: int) -> dict[str, object]:
    from helms_sim.commands.options import object_set_of
    from helms_sim.rollout.evaluation import Evaluation, evaluate
    from helms_sim.rollout.summary import summarise

    evaluation = Evaluation(str(folder), object_set_of(object_set), task, episodes, seed)
    records = list(tqdm(evaluate(evaluation), total=episodes, unit="episode", desc=f"object set {object_set}"))
    found = summarise(evaluation, records)
    chosen = {key: found[key] for key in ("task", "episodes", "seed", "success", "success_low", "success_high")}
    return {"object_set": object_set, **chosen}
