"""helms report: HTML report of a policy."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from helms_control.errors import HelmsError
from helms_control.output import echo_json

if TYPE_CHECKING:
    from helms_learning.report.episode import Played

EPILOG = """\b
Examples:
  helms report policies/red_on_blue -o report.html
  helms report runs/first -o report.html --episodes 50 --object-sets 1 2 3
  helms report bags/evaluation -o report.html          recorded with helms record --policy policies/NAME
  helms report policies/red_on_blue -o report.html --png docs/skills.png --json
"""


@click.command("report", epilog=EPILOG)
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path), help="HTML file to write; replaces an old one."
)
@click.option("--episodes", type=click.IntRange(min=1), help="Episodes on each object set; by default 20.")
@click.option(
    "--seed", type=click.IntRange(min=0), help="Seed of the first episode on each object set; by default 2000."
)
@click.option("--object-sets", help="Such as 1 2 3, 1..5 or heldout; by default those of the training data.")
@click.argument("more_sets", nargs=-1, metavar="")
@click.option("--task", help="Task to play; by default that of the training data.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; by default one for each core.")
@click.option("--png", "picture", type=click.Path(path_type=Path), help="Also write an overview as PNG, likewise.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    target: Path,
    out: Path,
    episodes: int | None,
    seed: int | None,
    object_sets: str | None,
    more_sets: tuple[str, ...],
    task: str | None,
    workers: int | None,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Write an HTML page about TARGET: a run, a bundle or a bag.

    It shows success on each object set, an episode with pictures, skills and stages, usage of the skills, the latent
    space, training curves (of a run), and failures. Runs and bundles are played in the cell, on all cores; of a bag the
    recorded episodes are shown. The page is self-contained.
    """
    from helms_control.episodes import object_sets_of
    from helms_learning.report.findings import summary
    from helms_learning.report.page import page
    from helms_learning.report.report import make_report, write_whole
    from helms_learning.report.subject import Wanted, open_subject

    _check(target, out, picture, object_sets, more_sets)
    sets = None if object_sets is None else object_sets_of(" ".join((object_sets, *more_sets)))
    with open_subject(target, Wanted(episodes, seed, sets, workers, task), _watched) as subject:
        report = make_report(subject, shlex.join(["helms", *sys.argv[1:]]))
        write_whole(out, page(report).encode())
        if picture is not None:
            write_whole(picture, report.overview())
        found = {**summary(subject), "page": str(out), "picture": None if picture is None else str(picture)}
    for file in (out, picture):
        if file is not None:
            click.echo(f"wrote {file}", err=True)
    if report.frameless:
        click.echo(f"without pictures of the cell: {report.frameless}", err=True)
    if as_json:
        echo_json(found)
        return
    click.echo(f"{subject.name}: {subject.skills} skills, {len(subject.episodes)} episodes")
    for entry in found["success"]:
        low, high = entry["success_low"], entry["success_high"]
        click.echo(f"  object set {entry['object_set']}: success {entry['success']:.1%} ({low:.1%} to {high:.1%})")


def _check(target: Path, out: Path, picture: Path | None, object_sets: str | None, more: tuple[str, ...]) -> None:
    """Check the options before anything is played."""
    if out.suffix not in (".html", ".htm"):
        raise HelmsError(f"{out} does not end in .html; name the page to write")
    if picture is not None and picture.suffix != ".png":
        raise HelmsError(f"{picture} does not end in .png; name the picture to write")
    if more and object_sets is None:
        raise HelmsError(f"got {' '.join(more)!r} after {target}; a report is about one folder")


def _watched(episodes: Iterator["Played"], total: int) -> Iterator["Played"]:
    successes = 0
    with tqdm(total=total, unit="episode") as bar:
        for index, episode in enumerate(episodes, 1):
            successes += episode.success
            bar.set_postfix_str(f"success {successes / index:.1%}")
            bar.update()
            yield episode
