"""The command line: `helms` and the commands that the installed packages add to it.

A package adds a command with an entry point in the group `helms.commands`: `eval = helms_sim.commands.eval:command`,
or `bench.sim = ...` for `helms bench sim`. Only the command that is called is imported, so `helms --help` stays fast
and works where an optional part is missing.
"""

import re
from collections.abc import Iterable
from importlib import metadata
from typing import Any, NoReturn

import click

from helms_control.errors import HelmsError

GROUP = "helms.commands"

BUILT_IN = (metadata.EntryPoint("spec", "helms_control.spec.command:spec", GROUP),)

SUMMARIES = {
    "ablate": "Train and compare a grid of settings.",
    "bag": "Inspect, check, repair, play and render recordings.",
    "bag check": "Check a recording for damage and gaps; repair it after a crash.",
    "bag info": "List the episodes of a recording.",
    "bag play": "Publish a recording on the ROS graph.",
    "bag video": "Render the episodes of a simulated recording as a video.",
    "bench": "Measure speed.",
    "bench driver": "Latency and timing of the driver with an emulated Sawyer.",
    "bench graph": "Latency and throughput of the ROS graph.",
    "bench offline": "Speed of offline learning.",
    "bench policy": "Latency of a policy.",
    "bench sim": "Speed of the simulated cell.",
    "bench soak": "Endurance test of the graph: missed actions, jitter, memory, gaps.",
    "calibrate": "Measure parameters of the robot driver.",
    "calibrate frame": "Pose of the tracker's frame in the base frame.",
    "calibrate gripper": "Encoder counts of the open and the closed gripper.",
    "calibrate height": "Error of the tracker's height, from poses of resting objects.",
    "dataset": "Demonstrations in one HDF5 file.",
    "dataset build": "Turn recorded bags into a dataset.",
    "dataset collect": "Collect demonstrations into a dataset, on all cores.",
    "dataset info": "Show the contents of a dataset.",
    "dataset merge": "Join datasets.",
    "dataset split": "Choose the validation episodes at random.",
    "deploy": "Run a policy on the real robot.",
    "demo": "Run one stacking episode of the whole graph, with bag, video and summary.",
    "emulate": "Emulators of the robot's devices.",
    "emulate sawyer": "Simulated cell behind a Sawyer's ROS 1 topics and a gripper's serial port.",
    "eval": "Measure the success rate of a policy or the demonstrator.",
    "export": "Export a training run as a policy bundle.",
    "train": "Train policies.",
    "train offline": "Learn skills from demonstrations.",
    "record": "Record episodes into a bag.",
    "report": "Write an HTML report on a policy, a training run or a bag.",
    "rollout": "Run one episode; show it live, or save a video or picture.",
    "spec": "Print the contract: observations, action, units, ranges.",
}
"""One line of help for each command, so that listing them imports none."""

INSTALL = {
    "mujoco": "pip install 'helms[sim]'",
    "gymnasium": "pip install 'helms[sim]'",
    "torch": "pip install 'helms[learning]'",
    "rclpy": "install ROS 2 and source its setup file, for instance: source /opt/ros/jazzy/setup.bash",
}
"""Install hint by missing module."""

HELP = "Record, train, evaluate and run three-level skill policies on a Sawyer arm that stacks objects."

EPILOG = """\b
Examples:
  helms demo            stack once, and write bag, video and summary
  helms record --object-set 1..5 --episodes 100 --out bags/demonstrations
  helms eval --object-set 2 --episodes 200 --seed 1000
  helms spec            the observations and the action, with units and ranges
  helms COMMAND --help  what a command does and its options
  helms spec --json     one JSON object as the last line, for scripts
"""


class CommandError(click.ClickException):
    """A HelmsError, printed without a traceback."""

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's signature
        """Print the message to standard error."""
        click.echo(f"error: {self.message}", file=file, err=file is None)


class DeferredCommand(click.Command):
    """A command that is listed by name and summary, and imported only when it is called."""

    def __init__(self, path: str, entry_point: metadata.EntryPoint) -> None:
        """Store the entry point; `path` is the command's words, for instance "bench sim"."""
        super().__init__(path.split()[-1], short_help=SUMMARIES.get(path, f"Added by {entry_point.module}."))
        self.path = path
        self.entry_point = entry_point

    def load(self) -> click.Command:
        """Import the command.

        Raises:
            HelmsError: a module is missing (with what to install), or the entry point is no click command.
        """
        try:
            command = self.entry_point.load()
        except ImportError as error:
            raise HelmsError(f"`helms {self.path}` cannot start: {error}; {_advice(error)}") from error
        if not isinstance(command, click.Command):
            raise HelmsError(
                f"`helms {self.path}` cannot start: {self.entry_point.value} is a {type(command).__name__}, "
                "not a click.Command; correct the entry point of the package that adds it"
            )
        return command


class CommandGroup(click.Group):
    """A group that imports the called command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command as click does, then import it."""
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(command, DeferredCommand):
            command = command.load()
        return name, command, rest


class RootGroup(CommandGroup):
    """The `helms` command: converts errors to messages and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run the called command; a HelmsError exits with 1, an interrupt with 130."""
        try:
            return super().invoke(ctx)
        except HelmsError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(130)


def build_root(entry_points: Iterable[metadata.EntryPoint]) -> click.Group:
    """Return the `helms` command with the built-in commands and those of the entry points.

    Args:
        entry_points: named by the commands' words, joined by dots or spaces; duplicates are ignored, because an
            editable installation may list an entry point twice.

    Raises:
        HelmsError: one name is both a command and a group of commands.
    """
    root = RootGroup("helms", help=HELP, epilog=EPILOG, params=[_version_option()])
    for entry_point in (*BUILT_IN, *entry_points):
        _add(root, entry_point)
    return root


def main() -> NoReturn:
    """Run the command line and exit: 0 success, 1 an error, 2 wrong usage, 130 an interrupt."""
    try:
        root = build_root(metadata.entry_points(group=GROUP))
    except HelmsError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(1) from error
    raise SystemExit(root(prog_name="helms"))


def _add(root: click.Group, entry_point: metadata.EntryPoint) -> None:
    """Add one command to the tree, with its parent groups."""
    words = re.split(r"[ .]+", entry_point.name)
    group = root
    for depth, word in enumerate(words[:-1], start=1):
        path = " ".join(words[:depth])
        below = group.commands.setdefault(word, CommandGroup(word, help=SUMMARIES.get(path, f"Commands of {path}.")))
        if not isinstance(below, click.Group):
            raise _conflict(path)
        group = below
    path = " ".join(words)
    if isinstance(group.commands.setdefault(words[-1], DeferredCommand(path, entry_point)), click.Group):
        raise _conflict(path)


def _conflict(path: str) -> HelmsError:
    """Build the error for a name that is both a command and a group of commands."""
    return HelmsError(
        f"the installed packages add `helms {path}` both as a command and as a group of commands; "
        f"look for {path!r} among the entry points of {GROUP!r} and remove the package that is not wanted"
    )


def _advice(error: ImportError) -> str:
    """Return the next step after a failed import."""
    module = (error.name or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or not module:
        return "a package that it needs is installed but does not load; install that package again"
    if module.startswith("helms_"):
        return f"this installation of helms lacks {error.name}; install helms again with that part"
    return f"to install what is missing: {INSTALL.get(module, f'pip install {module}')}"


def _version_option() -> click.Option:
    """Return `--version`."""
    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_print_version,
        help="Show the version of helms and of its contract, and exit.",
    )


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    """Print the versions; the contract is imported here, because it needs numpy and nothing else here does."""
    if not wanted:
        return
    from helms_control.spec.contract import SPEC

    try:
        version = metadata.version("helms")
    except metadata.PackageNotFoundError:
        version = "(not installed)"
    click.echo(f"helms {version}, spec {SPEC.label}")
    ctx.exit()
