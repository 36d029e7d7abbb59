"""The README: its loop runs, and every file and command that it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_loop_runs_as_it_stands() -> None:
    block = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert block is not None
    names: dict[str, object] = {}
    exec(block.group(1), names)
    assert names["truncated"] is True
    assert names["observation"]["proprioception"].shape == (3, 43)  # type: ignore[index]


def test_its_make_targets_and_pictures_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"make ([a-z]+)", README))
    assert {"demo", "test"} <= targets
    assert all(f"\n{target}:" in makefile for target in targets)
    assert all((ROOT / path).is_file() for path in re.findall(r"!\[.*?\]\((.*?)\)", README))
