"""Names of a bag's parts, while it is recorded and afterwards."""

import re
from pathlib import Path

PARTIAL = ".partial"
METADATA = "metadata.yaml"
MCAP = ".mcap"


def partial_of(folder: Path) -> Path:
    """Return the folder in which a bag of this name is recorded."""
    return folder.with_name(folder.name + PARTIAL)


def final_of(partial: Path) -> Path:
    """Return the name that a recording gets when it is closed."""
    return partial.with_name(partial.name.removesuffix(PARTIAL))


def is_partial(folder: Path) -> bool:
    """Whether a folder holds a recording that was not closed."""
    return folder.name.endswith(PARTIAL)


def is_mcap(path: Path) -> bool:
    """Whether a path is a single MCAP file, which is a recording, too."""
    return path.suffix == MCAP and path.is_file()


def files_of(folder: Path) -> list[Path]:
    """Return the MCAP files of a folder in the order of their numbers: bag_10 comes after bag_2."""
    return sorted(folder.glob(f"*{MCAP}"), key=lambda path: _natural(path.name))


def next_number(folder: Path, name: str) -> int:
    """Return the number of the next file of a recording; one that a damaged file had is not given again."""
    taken = [re.match(rf"{re.escape(name)}_(\d+){re.escape(MCAP)}", path.name) for path in folder.iterdir()]
    return 1 + max((int(match[1]) for match in taken if match), default=-1)


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
