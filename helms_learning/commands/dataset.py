"""helms dataset: build, collect, info, merge, split."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from helms_control.errors import HelmsError
from helms_control.output import echo_json
from helms_learning.datasets.bags import read_bag
from helms_learning.datasets.collect import Collection, collect
from helms_learning.datasets.edit import describe, masks, merge, split
from helms_learning.datasets.episode import Episode
from helms_learning.datasets.writer import DatasetWriter

OUT = click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="HDF5 file to write.")
VALID = click.option("--valid", default=0.05, show_default=True, help="Share of the episodes for validation.")
DROP = click.option("--drop-duplicates", is_flag=True, help="Leave out episodes that are in the file already.")
SPLIT_SEED = click.option("--split-seed", default=0, show_default=True, help="Seed of the validation split.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")

BUILD_EPILOG = """\b
Examples:
  helms dataset build bags/demonstrations -o demos.h5
  helms dataset build bags/monday bags/tuesday -o demos.h5 --valid 0.1
"""
COLLECT_EPILOG = """\b
Examples:
  helms dataset collect --task red_on_blue --object-sets 1 2 3 4 5 --episodes 1000 --noise 0.2 -o demos.h5
  helms dataset collect --task all_pairs --object-sets 1..5 --episodes 3000 --seed 7 -o pairs.h5
  helms dataset collect --object-sets 2 2 3 --episodes 3000 --noise 0.2 --tilted --steps 280 -o tilted.h5
  helms dataset collect --policy policies/first --episodes 500 --seed 9000 -o corrections.h5
"""


@click.command("build", epilog=BUILD_EPILOG)
@click.argument("bags", nargs=-1, required=True, type=click.Path(path_type=Path))
@OUT
@VALID
@SPLIT_SEED
@DROP
@JSON
def build(
    bags: tuple[Path, ...], out: Path, valid: float, split_seed: int, drop_duplicates: bool, as_json: bool
) -> None:
    """Turn recordings, bags or single .mcap files, into one HDF5 file in robomimic's layout.

    Unfinished episodes are left out. The same episode twice, by the digest of its numbers, is refused. The file appears
    when it is complete.
    """
    episodes = ((str(bag), episode) for bag in bags for episode in read_bag(bag))
    _write(episodes, None, out, valid, split_seed, drop_duplicates)
    _tell(out, as_json)


@click.command("collect", epilog=COLLECT_EPILOG)
@click.option("--task", default="red_on_blue", show_default=True, help="Task, or all_pairs.")
@click.option("--object-sets", default="1..5", show_default=True, help="Such as 1 2 3, 1..5 or train, in rotation.")
@click.argument("more_sets", nargs=-1, metavar="")
@click.option("--episodes", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the first episode.")
@click.option(
    "--noise",
    default=0.0,
    show_default=True,
    help="Standard deviation of the expert's disturbance, share of the action range.",
)
@click.option("--randomisation", default="off", show_default=True, help="Domain randomisation: off, training or hard.")
@click.option("--policy", default="", help="Folder of a bundle that drives in turns with the demonstrator.")
@click.option("--beta", default=0.3, show_default=True, help="Share of the steps that the demonstrator drives.")
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    help="Largest number of control steps in an episode; by default that of the task, 400 or, for a pyramid, 800.",
)
@click.option("--rest", type=click.IntRange(min=0), help="End an episode after this many successful steps.")
@click.option("--tilted", is_flag=True, help="Only start states with a tilted lower object.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; by default one for each core.")
@OUT
@VALID
@SPLIT_SEED
@JSON
def collect_command(
    task: str,
    object_sets: str,
    more_sets: tuple[str, ...],
    episodes: int,
    seed: int,
    noise: float,
    randomisation: str,
    policy: str,
    beta: float,
    steps: int | None,
    rest: int | None,
    tilted: bool,
    workers: int | None,
    out: Path,
    valid: float,
    split_seed: int,
    as_json: bool,
) -> None:
    """Collect episodes of the demonstrator from the cell, on all cores.

    Episode i has seed SEED + i; its numbers are those of helms record with the same options. With noise, the file
    contains executed and undisturbed actions.

    With --policy, a trained policy and the demonstrator drive in turns, and the demonstrator's action is recorded as
    the target at every step (dataset aggregation). Merge the file with the first one and train again.

    --rest and --steps shorten episodes, for more start states in the same time. --tilted selects start states that need
    a push or a carry before anything can be stacked, which are rare otherwise.
    """
    from helms_control.episodes import object_sets_of

    sets = object_sets_of(" ".join((object_sets, *more_sets)))
    collection = Collection(task, sets, episodes, seed, noise, randomisation, policy, beta, steps, rest, tilted)
    _write((("", episode) for episode in collect(collection, workers)), episodes, out, valid, split_seed)
    _tell(out, as_json)


@click.command("info")
@click.argument("dataset", type=click.Path(path_type=Path))
@JSON
def info(dataset: Path, as_json: bool) -> None:
    """Show a dataset's episodes, success, tasks, object sets and splits."""
    _tell(dataset, as_json)


@click.command("merge")
@click.argument("datasets", nargs=-1, required=True, type=click.Path(path_type=Path))
@OUT
@VALID
@SPLIT_SEED
@DROP
@JSON
def merge_command(
    datasets: tuple[Path, ...], out: Path, valid: float, split_seed: int, drop_duplicates: bool, as_json: bool
) -> None:
    """Join datasets into a new one; the same episode twice is refused."""
    _tell_dropped(merge(datasets, out, valid, split_seed, drop_duplicates))
    _tell(out, as_json)


@click.command("split")
@click.argument("dataset", type=click.Path(path_type=Path))
@VALID
@SPLIT_SEED
@JSON
def split_command(dataset: Path, valid: float, split_seed: int, as_json: bool) -> None:
    """Draw a new validation split."""
    split(dataset, valid, split_seed)
    _tell(dataset, as_json)


def _write(
    episodes: Iterable[tuple[str, Episode]],
    total: int | None,
    out: Path,
    valid: float,
    split_seed: int,
    drop: bool = False,
) -> None:
    masks(2, valid, split_seed)  # refuse an invalid share before the work
    if out.suffix not in (".h5", ".hdf5"):
        raise HelmsError(f"{out} does not end in .h5; name the HDF5 file to write")
    with DatasetWriter(out, drop) as writer:
        successes = done = 0
        with tqdm(total=total, unit="episode") as bar:
            for place, episode in episodes:
                writer.add(episode, place)
                successes, done = successes + episode.meta.success, done + 1
                bar.set_postfix_str(f"success {successes / done:.1%}")
                bar.update()
        writer.split(masks(writer.episodes, valid, split_seed))
    _tell_dropped(writer.dropped)


def _tell_dropped(count: int) -> None:
    if count:
        click.echo(f"left out {count} episodes that were there already", err=True)


def _tell(path: Path, as_json: bool) -> None:
    found = describe(path)
    if as_json:
        echo_json(found)
        return
    click.echo(f"{path}: {found['episodes']} episodes, {found['steps']} steps")
    click.echo(f"drivers {found['drivers']}, noise {found['noise']}, splits {found['splits']}\n")
    click.echo("task              set     whole  success  cut short  success")
    for group in [*found["groups"], {"task": "all", "object_set": "", **found}]:
        whole, cut = group["whole"], group["cut_short"]
        click.echo(
            f"{group['task']:16.16s}  {group['object_set']:6.6s} {whole['episodes']:6d}  {_share(whole)}  "
            f"{cut['episodes']:9d}  {_share(cut)}"
        )


def _share(part: dict[str, Any]) -> str:
    return "      -" if part["success"] is None else f"{part['success']:7.1%}"
