"""package.xml names the ROS packages that are imported, and no others."""

import ast
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = ("helms_control", "helms_sim", "helms_learning", "launch")
ROSDEP = {"PIL": "python3-pil", "yaml": "python3-yaml"} | {
    name: f"python3-{name}"
    for name in ("click", "h5py", "imageio", "matplotlib", "numpy", "scipy", "tqdm", "transforms3d")
}
"""Keys of Python packages that rosdep knows."""
ROS = re.compile(r"\w+_(msgs|srvs|interfaces)|launch|launch_ros|rclpy")


def imported(root: Path) -> set[str]:
    """Return the top-level modules that the package and its launch files import, wherever in a file."""
    names: set[str] = set()
    for folder in RUN:
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module.partition(".")[0])
    return names


def test_package_xml_names_what_is_imported() -> None:
    tree = ElementTree.parse(ROOT / "package.xml")
    named = {str(element.text) for element in tree.iter("exec_depend")}
    found = imported(ROOT)
    wanted = {name for name in found if ROS.fullmatch(name)} | {ROSDEP[name] for name in found if name in ROSDEP}
    assert named == wanted


def test_every_message_is_built() -> None:
    """CMakeLists.txt lists each file by name, so that one can be forgotten."""
    folder = ROOT / "helms_msgs"
    listed = set(re.findall(r"^  (\S+\.(?:msg|srv|action))$", (folder / "CMakeLists.txt").read_text(), re.MULTILINE))
    files = {str(path.relative_to(folder)) for kind in ("msg", "srv", "action") for path in folder.glob(f"{kind}/*")}
    assert len(files) > 10
    assert listed == files


def test_make_says_nothing_of_pythons_that_are_not_there(tmp_path: Path) -> None:
    """A shim that is there and only says that its version is not, as pyenv's do."""
    shim = tmp_path / "python3.12"
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.12: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    done = subprocess.run(
        ["make", "-n", "setup"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )
    assert "command not found" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["run", "ros", "learning", "dev"])
def test_every_direct_requirement_is_pinned(name: str) -> None:
    def packages(path: Path) -> set[str]:
        lines = [line.partition("#")[0].strip() for line in path.read_text().splitlines()]
        return {
            re.split(r"[\[<>=!~ ;@]", line)[0].lower().replace("_", "-") for line in lines if line and line[0] != "-"
        }

    assert packages(ROOT / f"requirements/{name}.in") <= packages(ROOT / f"requirements/{name}.txt")
