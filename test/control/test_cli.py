"""The root command with synthetic packages that add commands."""

import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from helms_control import cli
from helms_control.errors import HelmsError

HELLO = """
import click

@click.command()
@click.option("--times", default=1)
def command(times):
    click.echo("hello " * times)
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Return a writer of modules that can be imported during the test and are forgotten after it."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(module: str, source: str) -> None:
        monkeypatch.delitem(sys.modules, module, raising=False)
        (tmp_path / f"{module}.py").write_text(source)

    return write


def run(commands: dict[str, str], *arguments: str) -> Result:
    """Run `helms` where packages add these commands (name: target)."""
    root = cli.build_root(EntryPoint(name, target, cli.GROUP) for name, target in commands.items())
    return CliRunner().invoke(root, arguments, prog_name="helms")


def test_a_command_is_found_and_gets_its_options(plugin: Callable[[str, str], None]) -> None:
    plugin("fake_hello", HELLO)
    result = run({"hello": "fake_hello:command"}, "hello", "--times", "2")
    assert (result.exit_code, result.stdout) == (0, "hello hello \n")


@pytest.mark.parametrize("name", ["bench.sim", "bench sim"])
def test_names_nest_by_dot_or_space(plugin: Callable[[str, str], None], name: str) -> None:
    plugin("fake_nested", HELLO)
    result = run({name: "fake_nested:command", "bench.graph": "nowhere:command"}, "bench", "sim")
    assert (result.exit_code, result.stdout) == (0, "hello \n")


def test_help_of_a_command_is_its_own(plugin: Callable[[str, str], None]) -> None:
    plugin("fake_help", HELLO)
    result = run({"bench.sim": "fake_help:command"}, "bench", "sim", "--help")
    assert result.stdout.startswith("Usage: helms bench sim [OPTIONS]")
    assert "--times" in result.stdout


def test_help_lists_every_command_and_imports_none(plugin: Callable[[str, str], None]) -> None:
    plugin("fake_heavy", "raise RuntimeError('imported')")
    commands = dict.fromkeys(["eval", "bench.sim", "other"], "fake_heavy:command")
    result = run(commands, "--help")
    assert result.exit_code == 0
    for line in ("bench  Measure speed.", "eval   Measure the success", "other  Added by fake_heavy.", "spec   Print"):
        assert line in result.stdout
    assert "Speed of the simulated cell." in run(commands, "bench", "--help").stdout
    assert "fake_heavy" not in sys.modules


def test_help_gives_examples() -> None:
    assert "helms spec --json     one JSON object" in run({}, "--help").stdout


def test_only_the_called_command_is_imported(plugin: Callable[[str, str], None]) -> None:
    plugin("fake_called", HELLO)
    plugin("fake_idle", HELLO)
    assert run({"called": "fake_called:command", "idle": "fake_idle:command"}, "called").exit_code == 0
    assert "fake_called" in sys.modules
    assert "fake_idle" not in sys.modules


def test_an_error_of_the_project_is_one_line_and_exit_code_1(plugin: Callable[[str, str], None]) -> None:
    plugin(
        "fake_error",
        "import click\nfrom helms_control.errors import HelmsError\n\n"
        "@click.command()\ndef command():\n    raise HelmsError('no such set 9')\n",
    )
    result = run({"fail": "fake_error:command"}, "fail")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "error: no such set 9\n")


def test_an_interrupt_is_exit_code_130(plugin: Callable[[str, str], None]) -> None:
    plugin("fake_stop", "import click\n\n@click.command()\ndef command():\n    raise KeyboardInterrupt\n")
    result = run({"stop": "fake_stop:command"}, "stop")
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")


@pytest.mark.parametrize("arguments", [["evil"], ["--nonsense"], ["spec", "--nonsense"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    result = run({"eval": "nowhere:command"}, *arguments)
    assert result.exit_code == 2
    assert "No such" in result.stderr


@pytest.mark.parametrize(
    ("missing", "advice"),
    [
        ("torch", r"pip install 'helms[learning]'"),
        ("mujoco.viewer", r"pip install 'helms[sim]'"),
        ("rclpy.node", "source /opt/ros/jazzy/setup.bash"),
        ("unheard_of", "pip install unheard_of"),
        ("helms_learning.train", "this installation of helms lacks helms_learning.train"),
    ],
)
def test_a_missing_part_says_what_to_install(plugin: Callable[[str, str], None], missing: str, advice: str) -> None:
    plugin("fake_missing", f"raise ModuleNotFoundError(\"No module named '{missing}'\", name={missing!r})")
    result = run({"bench.policy": "fake_missing:command"}, "bench", "policy")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: `helms bench policy` cannot start: No module named '{missing}'; ")
    assert advice in result.stderr


def test_a_module_that_does_not_load_is_reported(plugin: Callable[[str, str], None]) -> None:
    plugin("fake_broken", "raise ImportError('libGL.so.1: cannot open shared object file')")
    result = run({"show": "fake_broken:command"}, "show")
    assert result.exit_code == 1
    assert "libGL.so.1: cannot open shared object file; a package that it needs is installed" in result.stderr


def test_an_entry_point_that_is_no_command_is_reported(plugin: Callable[[str, str], None]) -> None:
    plugin("fake_value", "command = 3")
    result = run({"three": "fake_value:command"}, "three")
    assert result.stderr.startswith(
        "error: `helms three` cannot start: fake_value:command is a int, not a click.Command"
    )


@pytest.mark.parametrize("names", [["bench", "bench.sim"], ["bench.sim", "bench"]])
def test_a_command_cannot_be_a_group_too(names: list[str]) -> None:
    with pytest.raises(HelmsError, match="add `helms bench` both as a command and as a group"):
        cli.build_root(EntryPoint(name, "nowhere:command", cli.GROUP) for name in names)


def test_the_same_entry_point_twice_is_one_command() -> None:
    twice = [EntryPoint("eval", "nowhere:command", cli.GROUP)] * 2
    assert sorted(cli.build_root(twice).commands) == ["eval", "spec"]


def test_spec_is_built_in() -> None:
    result = run({}, "spec")
    assert result.exit_code == 0
    assert "proprioception (43)" in result.stdout


@pytest.mark.parametrize("installed", ["0.1.0", None])
def test_version_names_the_package_and_the_contract(monkeypatch: pytest.MonkeyPatch, installed: str | None) -> None:
    def version(name: str) -> str:
        if installed is None:
            raise metadata.PackageNotFoundError(name)
        return installed

    monkeypatch.setattr(metadata, "version", version)
    result = run({}, "--version")
    assert result.stdout == f"helms {installed or '(not installed)'}, spec 1.0.0 (fb49e80efaa2)\n"


@pytest.mark.parametrize(("names", "code"), [([], 0), (["spec.json"], 1)])
def test_main_exits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], names: list[str], code: int
) -> None:
    added = [EntryPoint(name, "nowhere:command", cli.GROUP) for name in names]
    monkeypatch.setattr(metadata, "entry_points", lambda group: added if group == "helms.commands" else [])
    monkeypatch.setattr(sys, "argv", ["helms", "spec"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == code
    assert capsys.readouterr().err.startswith("error: the installed packages add `helms spec` both") == bool(code)


def test_the_command_line_needs_no_numpy_to_start() -> None:
    probe = "import sys, helms_control.cli as cli; cli.build_root([]); print('numpy' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout.strip() == "False"


def test_every_installed_command_has_a_line_of_help() -> None:
    names = [
        entry_point.name.replace(".", " ") for entry_point in (*cli.BUILT_IN, *metadata.entry_points(group=cli.GROUP))
    ]
    assert [name for name in names if name not in cli.SUMMARIES] == []


def test_the_built_in_command_is_a_click_command() -> None:
    assert isinstance(cli.BUILT_IN[0].load(), click.Command)
