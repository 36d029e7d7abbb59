"""Where the parts of a bag lie, while it is recorded and afterwards."""

from pathlib import Path

PARTIAL = ".partial"
METADATA = "metadata.yaml"


def partial_of(folder: Path) -> Path:
    """Return the folder in which a bag of this name is recorded."""
    return folder.with_name(folder.name + PARTIAL)


def final_of(partial: Path) -> Path:
    """Return the name that a recording gets when it is closed."""
    return partial.with_name(partial.name.removesuffix(PARTIAL))


def is_partial(folder: Path) -> bool:
    """Whether a folder holds a recording that was not closed."""
    return folder.name.endswith(PARTIAL)


def segments_of(partial: Path) -> list[Path]:
    """Return the folders of the files of a recording, in their order."""
    found = [path for path in partial.iterdir() if path.is_dir() and path.name.rpartition("_")[2].isdigit()]
    return sorted(found, key=lambda path: int(path.name.rpartition("_")[2]))


def mcap_of(segment: Path) -> Path:
    """Return the file of a segment."""
    return segment / f"{segment.name}.mcap"
