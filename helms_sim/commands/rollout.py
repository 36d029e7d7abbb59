"""helms rollout: one episode, with a video, a picture or a live view."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from helms_control.output import echo_json
from helms_control.spec import CONTROL_HZ
from helms_control.spec.task import steps_of
from helms_sim.commands.options import cell_options, object_set_of
from helms_sim.commands.recording import Recording
from helms_sim.env import StackEnv
from helms_sim.render import check_camera
from helms_sim.rollout.actors import make_actor
from helms_sim.rollout.evaluation import Record
from helms_sim.rollout.rollout import rollout

if TYPE_CHECKING:
    from helms_sim.render.viewer import LiveView

EPILOG = """\b
Examples:
  helms rollout --object-set 1 --seed 7 --video stack.mp4
  helms rollout --policy policies/red_on_blue --object-set 3 --seed 2007 --video failure.mp4
  helms rollout --task pyramid --live          then open the address it prints
  helms rollout --policy random --picture end.png --json
"""


@click.command("rollout", epilog=EPILOG)
@cell_options
@click.option("--video", type=click.Path(path_type=Path), help="Write an .mp4 of the episode; replaces an old one.")
@click.option("--picture", type=click.Path(path_type=Path), help="Write a .png of its end, likewise.")
@click.option("--camera", default="main", show_default=True, help="Camera of video and picture.")
@click.option("--live", is_flag=True, help="Show the episode in the browser while it runs, at its real speed.")
@click.option("--port", type=click.IntRange(1024, 65535), default=8080, show_default=True, help="Of the live view.")
@click.option("--steps", type=click.IntRange(min=1), help="Stop after so many steps; by default those of the task.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    policy: str,
    object_set: str,
    task: str,
    seed: int,
    reward: str,
    randomisation: str,
    noise: float,
    video: Path | None,
    picture: Path | None,
    camera: str,
    live: bool,
    port: int,
    steps: int | None,
    as_json: bool,
) -> None:
    """Run one episode and show or save what happens."""
    check_camera(camera)
    pictures = video is not None or picture is not None
    env = StackEnv(
        task, object_set_of(object_set), reward, randomisation, render_mode="rgb_array" if pictures else None
    )
    recording = Recording(camera, video is not None) if pictures else None
    view = LiveWatcher(port) if live else None
    most = steps_of(task)
    with tqdm(total=min(steps or most, most) + 1, unit="step", leave=False) as bar:

        def watch(running: StackEnv) -> None:
            bar.update()
            if recording is not None:
                recording.take(running)
            if view is not None:
                view.show(running)

        record = Record.of(rollout(env, make_actor(policy, env, noise), seed, steps=steps, watch=watch))
    if recording is not None:
        recording.save(video, picture)
    report(record, as_json, *(file for file in (video, picture) if file is not None))
    env.close()


class LiveWatcher:
    """Live view of an episode in the browser, in real time."""

    def __init__(self, port: int) -> None:
        """Wait for the first state; the page is served from then on."""
        self._port, self._due = port, 0.0
        self._view: LiveView | None = None

    def show(self, env: StackEnv) -> None:
        """Show this instant, and hold the episode back to 20 steps a second."""
        if self._view is None:
            from helms_sim.render.viewer import LiveView

            self._view = LiveView(env.episode.triplet, self._port)
            click.echo(f"live view: {self._view.url}", err=True)
            self._due = time.monotonic()
        self._view.update(env.cell.data)
        self._due += 1.0 / CONTROL_HZ
        time.sleep(max(self._due - time.monotonic(), 0.0))


def report(record: Record, as_json: bool, *files: Path) -> None:
    """Print the result of an episode and the written files."""
    for file in files:
        click.echo(f"wrote {file}", err=True)
    if as_json:
        echo_json({**asdict(record), "files": [str(file) for file in files]})
        return
    outcome = "success" if record.success else "no success"
    when = f" after {record.steps_to_success / CONTROL_HZ:.1f} s" if record.steps_to_success is not None else ""
    click.echo(
        f"{outcome}{when}: return {record.episode_return:.1f} in {record.steps} steps, best stage {record.best_stage}, "
        f"ended by {record.reason} (seed {record.seed})"
    )
