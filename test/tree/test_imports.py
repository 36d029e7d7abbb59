"""Imports: control <- simulation <- learning, ROS in nodes only, no cycles."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("helms_control", "helms_sim", "helms_learning")
FORBIDDEN = {
    "helms_control": {"torch", "mujoco", "helms_sim", "helms_learning"},
    "helms_sim": {"torch", "helms_learning"},
    "helms_learning": set[str](),
}
NODE_LINES = 200


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield the dotted name and the file of every module of the three packages."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imported(path: Path) -> set[str]:
    """Return the dotted names that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def violations(root: Path) -> list[str]:
    """List every import that goes the wrong way."""
    found = []
    for name, path in modules(root):
        tops = {target.partition(".")[0] for target in imported(path)}
        found += [f"{name} imports {top}" for top in sorted(tops & FORBIDDEN[name.partition(".")[0]])]
        if "rclpy" in tops and ".nodes" not in name:
            found.append(f"{name} imports rclpy outside nodes")
        if ".nodes." in name and path.read_text().count("\n") > NODE_LINES:
            found.append(f"{name} is a node of more than {NODE_LINES} lines")
    return found


def import_graph(root: Path) -> dict[str, set[str]]:
    """Return for each module the modules of the project that it imports."""
    files = dict(modules(root))
    return {
        name: {target for target in imported(path) if target in files and target != name}
        for name, path in files.items()
    }


def test_imports_go_one_way() -> None:
    assert list(modules(ROOT))
    assert violations(ROOT) == []


def test_no_module_imports_itself_through_others() -> None:
    graph = import_graph(ROOT)
    # A package's __init__ gathers its modules and they may name the package's siblings: only modules are compared.
    packages = {name for name, path in modules(ROOT) if path.name == "__init__.py"}
    plain = {name: targets - packages for name, targets in graph.items() if name not in packages}
    assert list(TopologicalSorter(plain).static_order())


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("helms_control/a.py", "import torch.nn", "helms_control.a imports torch"),
        ("helms_control/a.py", "from helms_sim.env import X", "helms_control.a imports helms_sim"),
        ("helms_sim/a.py", "def f():\n    import helms_learning", "helms_sim.a imports helms_learning"),
        ("helms_sim/a.py", "import rclpy", "helms_sim.a imports rclpy outside nodes"),
        ("helms_control/nodes/a.py", "\n" * 201, "helms_control.nodes.a is a node of more than 200 lines"),
    ],
)
def test_each_rule_can_fail(tmp_path: Path, file: str, line: str, complaint: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(line)
    assert violations(tmp_path) == [complaint]


def test_a_cycle_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "helms_sim").mkdir()
    (tmp_path / "helms_sim" / "a.py").write_text("from helms_sim.b import x")
    (tmp_path / "helms_sim" / "b.py").write_text("import helms_sim.a")
    with pytest.raises(CycleError):
        list(TopologicalSorter(import_graph(tmp_path)).static_order())


HEAVY = {"torch", "viser", "mjviser", "imageio", "matplotlib", "rclpy", "onnxruntime"}
"""Libraries that take long to import, or that a user of the environment alone may not have."""


def loaded_by(module: str) -> set[str]:
    """Return the heavy libraries that a fresh interpreter has loaded after importing a module."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return HEAVY & set(done.stdout.split())


def test_the_environment_loads_no_viewer_no_video_library_and_no_ros() -> None:
    assert loaded_by("helms_sim.env") == set()


def test_no_command_loads_heavy_libraries_for_its_help() -> None:
    modules = {entry.module for entry in metadata.entry_points(group="helms.commands")}
    assert len(modules) > 15
    assert loaded_by(", ".join(sorted(modules))) == set()
