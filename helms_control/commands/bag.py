"""helms bag: look at recordings, check them, repair them after a crash, play them."""

from pathlib import Path

import click

from helms_control.bags import EpisodeRecord, Repaired, check_bag, damages, open_bag, read_episodes, repair
from helms_control.errors import HelmsError
from helms_control.output import echo_json

BAG = click.argument("bag", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")

INFO_EPILOG = """\b
Examples:
  helms bag info bags/demonstrations
  helms bag info bags/demonstrations --json
  helms bag info run.mcap                                  a single file is a recording, too
"""
CHECK_EPILOG = """\b
Examples:
  helms bag check bags/demonstrations
  helms bag check bags/demonstrations.partial --repair     after the recorder was killed
  helms bag check bags/demonstrations --repair             after a broken copy
"""
PLAY_EPILOG = """\b
Examples:
  helms bag play bags/demonstrations                  at the speed of the recording
  helms bag play bags/demonstrations --hz 20          recorded in lockstep: 20 control steps a second
  helms bag play bags/demonstrations --speed 2 --topic /tcp_pose --topic /joint_states
"""


@click.command("info", epilog=INFO_EPILOG)
@BAG
@JSON
def info_command(bag: Path, as_json: bool) -> None:
    """Show the episodes of a recording: success, length, what is missing, where it paused."""
    with open_bag(bag) as opened:
        episodes = read_episodes(opened)
        topics, duration = opened.topics, opened.duration_s
    if as_json:
        echo_json(
            {
                "bag": str(bag),
                "duration_s": duration,
                "episodes": [_plain(record) for record in episodes],
                "success": _share(episodes),
                "drops": sum(len(record.drops) for record in episodes),
                "topics": {topic: count for topic, (_, count) in topics.items()},
            }
        )
        return
    click.echo(f"{bag}: {len(episodes)} episodes, {duration:.1f} s, {sum(n for _, n in topics.values())} messages\n")
    click.echo("episode   seed  driver    set    steps  return  outcome     drops  held  longest gap")
    for record in episodes:
        outcome = "success" if record.success else "no success" if record.finished else "cut off"
        click.echo(
            f"{record.number:7d} {record.seed:6d}  {record.driver:8.8s}  {record.object_set:5.5s} {record.steps:6d} "
            f"{record.episode_return:7.1f}  {outcome:10s} {len(record.drops):6d} {len(record.held):5d} "
            f"{1e3 * record.longest_gap_s:9.0f} ms"
        )
    click.echo("\ntopic                          messages  type")
    for topic, (kind, count) in sorted(topics.items()):
        click.echo(f"{topic:30s} {count:8d}  {kind}")


@click.command("check", epilog=CHECK_EPILOG)
@BAG
@click.option("--repair", "mend", is_flag=True, help="Make a whole bag of everything that can be read.")
@JSON
@click.pass_context
def check_command(ctx: click.Context, bag: Path, mend: bool, as_json: bool) -> None:
    """Check that a recording is whole and keeps the contract; exits with 1 when it does not.

    Files are compared with their hashes (a single file with the checksums in it), every message of the path from
    observation to action is decoded and looked at (contract, lengths, finite numbers), and every episode must have its
    end and all its steps.

    A repair reads past damaged parts, and can itself be interrupted and repeated. A file of which something could not
    be used is kept beside the new one, with .torn added to its name.
    """
    repaired = None
    if mend and (not bag.exists() or damages(bag)):
        repaired = repair(bag)
        _tell(repaired)
        bag = repaired.path
    problems = check_bag(bag)
    if as_json:
        echo_json({"bag": str(bag), "problems": problems, "repaired": repaired is not None})
    else:
        for problem in problems:
            click.echo(problem)
        click.echo(f"{bag}: {len(problems)} problems" if problems else f"{bag}: whole")
    if problems:
        ctx.exit(1)


@click.command("play", epilog=PLAY_EPILOG)
@BAG
@click.option("--speed", type=click.FloatRange(0.01, 100.0), default=1.0, show_default=True, help="Of the recording's.")
@click.option("--hz", type=click.FloatRange(0.1, 1000.0), help="Control steps a second, whatever they were.")
@click.option("--topic", "topics", multiple=True, help="Play this topic only; may be given several times.")
@click.option("--start", type=click.FloatRange(0.0), default=0.0, show_default=True, help="Skip so many seconds.")
def play_command(bag: Path, speed: float, hz: float | None, topics: tuple[str, ...], start: float) -> None:
    """Publish a recording on the ROS graph, for rviz, the viewer or anything else that listens."""
    from helms_control.nodes.player import play

    with open_bag(bag) as opened:
        unknown = set(topics) - opened.topics.keys()
        if unknown:
            raise HelmsError(
                f"{bag} has no topic {', '.join(sorted(unknown))}; it has {', '.join(sorted(opened.topics))}"
            )
        played = play(opened, topics, speed, hz, start)
    click.echo(f"played {played} messages", err=True)


def _tell(repaired: Repaired) -> None:
    click.echo(
        f"repaired {repaired.path}: {repaired.files} files written anew with {repaired.messages} messages", err=True
    )
    if repaired.kept:
        kept = ", ".join(map(str, repaired.kept))
        click.echo(f"{repaired.lost} bytes could not be used; the original stays: {kept}", err=True)
    if repaired.unchecked:
        click.echo(
            f"{repaired.unchecked} messages carry no checksum: they decode, but changed numbers would not show",
            err=True,
        )


def _share(episodes: list[EpisodeRecord]) -> float | None:
    return sum(record.success for record in episodes) / len(episodes) if episodes else None


def _plain(record: EpisodeRecord) -> dict[str, object]:
    names = (
        "number seed driver task object_set objects ended finished success episode_return steps reason duration_s "
        "longest_gap_s"
    )
    plain: dict[str, object] = {name: getattr(record, name) for name in names.split()}
    return plain | {"drops": record.drops, "held": len(record.held), "actions": len(record.acted)}
