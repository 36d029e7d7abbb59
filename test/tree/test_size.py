"""Caps on the sizes of files and functions; an open section of the changelog."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = [
    path for package in ("helms_control", "helms_sim", "helms_learning") for path in (ROOT / package).rglob("*.py")
]


def test_no_file_is_longer_than_500_lines() -> None:
    assert FILES
    assert {str(path): n for path in FILES if (n := path.read_text().count("\n")) > 500} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and (lines := (node.end_lineno or 0) - node.lineno + 1) > 60:
                long[f"{path.name}:{node.name}"] = lines
    assert long == {}


def test_the_changelog_has_an_open_section() -> None:
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text()
