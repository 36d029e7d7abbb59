"""helms demo: watch the demonstrator stack once."""

from pathlib import Path

import click
from tqdm import tqdm

from helms_control.spec import EPISODE_STEPS
from helms_sim.commands.options import object_set_of
from helms_sim.commands.recording import Recording
from helms_sim.commands.rollout import report
from helms_sim.env import StackEnv
from helms_sim.evaluation import make_driver, run_episode
from helms_sim.render import NoGlError

EPILOG = """\b
Examples:
  helms demo
  helms demo --object-set 1 --seed 3 --out out/
"""


@click.command("demo", epilog=EPILOG)
@click.option("--object-set", default="4", show_default=True, metavar="SET", help="1 to 5, or others as in helms eval.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("out"), show_default=True, help="Folder to write to."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(object_set: str, seed: int, out: Path, as_json: bool) -> None:
    """Let the demonstrator stack once, and write a video and a picture of it.

    Without a GL library the episode runs all the same, and the command says which system package gives the pictures.
    """
    env = StackEnv(object_set=object_set_of(object_set), render_mode="rgb_array")
    recording: Recording | None = Recording("main")
    with tqdm(total=EPISODE_STEPS + 1, unit="step", leave=False) as bar:

        def watch(running: StackEnv) -> None:
            nonlocal recording
            bar.update()
            if recording is None:
                return
            try:
                recording.take(running)
            except NoGlError as error:
                click.echo(f"no pictures: {error}", err=True)
                recording = None

        record = run_episode(env, make_driver("expert", env), seed, watch)
    files: tuple[Path, ...] = ()
    if recording is not None:
        files = (out / "demo.mp4", out / "demo.png")
        recording.save(*files)
    report(record, as_json, *files)
    env.close()
