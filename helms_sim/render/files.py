"""Write pictures and videos; a half-written file never carries the final name."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy.typing as npt

from helms_control.durable import whole_file

Picture = npt.NDArray[Any]


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture (H, W, 3) uint8 in the format that the file name ends on."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as draft:
        Image.fromarray(picture).save(draft)


def write_video(path: Path, pictures: Iterable[Picture], fps: int) -> None:
    """Write pictures, (H, W, 3) uint8 each, as a video of `fps` pictures a second; each is written as it comes."""
    import imageio.v2 as imageio

    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        whole_file(path) as draft,
        closing(imageio.get_writer(draft, fps=fps, codec="libx264", macro_block_size=8)) as writer,
    ):
        for picture in pictures:
            writer.append_data(picture)
