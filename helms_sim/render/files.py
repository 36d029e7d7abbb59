"""Write pictures and videos; a half-written file never carries the final name."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy.typing as npt

Picture = npt.NDArray[Any]


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture (H, W, 3) uint8 in the format that the file name ends on."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".partial-{path.name}")
    Image.fromarray(picture).save(partial)
    partial.replace(path)


def write_video(path: Path, pictures: Iterable[Picture], fps: int) -> None:
    """Write pictures, (H, W, 3) uint8 each, as a video of `fps` pictures a second; each is written as it comes."""
    import imageio.v2 as imageio

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".partial-{path.name}")
    with imageio.get_writer(partial, fps=fps, codec="libx264", macro_block_size=8) as writer:
        for picture in pictures:
            writer.append_data(picture)
    partial.replace(path)
