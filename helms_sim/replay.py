"""Pictures of recorded episodes: the bag holds the cell's full state, so they can be taken long afterwards."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy.typing as npt

from helms_control.bags import open_bag
from helms_control.bags.episodes import name_of
from helms_control.errors import HelmsError
from helms_control.spec import CONTROL_HZ
from helms_sim.episode import EpisodeConfig
from helms_sim.mirror import Mirror
from helms_sim.pictures import Pictures
from helms_sim.render.files import write_picture, write_video

EVERY = 2
"""Control steps between the pictures of a video: software GL takes 0.1 to 0.2 s for one with meshes and shadows."""


def pictures(bag: Path, camera: str = "main", size: tuple[int, int] = (640, 480)) -> Iterator[npt.NDArray[Any]]:
    """Yield pictures (H, W, 3) uint8 of a bag's episodes, one for every second control step.

    Args:
        bag: folder of the bag.
        camera: to look through.
        size: width and height, pixels.

    Raises:
        HelmsError: the bag is damaged or holds no state of the cell, an unknown camera, or no GL library.
    """
    mirror, studio, shown = Mirror(), Pictures(), None
    try:
        with open_bag(bag) as opened:
            topics = [topic for topic in opened.topics if name_of(topic) == "cell_state"]
            if not topics:
                raise HelmsError(f"{bag} holds no cell_state, so nothing can be drawn; only simulated episodes have it")
            for message in opened.messages(*topics):
                state = message.decoded()
                if state.step % EVERY:
                    continue
                if shown != (state.episode, state.seed):
                    mirror.begin(EpisodeConfig(state.task, state.object_set, state.randomisation), int(state.seed))
                    shown = (state.episode, state.seed)
                mirror.show(state.qpos, state.qvel, state.act, state.ctrl)
                yield studio.take(mirror.episode.triplet, mirror.cell.data, camera, *size)
    finally:
        studio.close()


def film(bag: Path, video: Path, picture: Path | None = None, camera: str = "main") -> int:
    """Write a video of a bag's episodes, and a picture of their end; return the number of pictures taken.

    Raises:
        HelmsError: as `pictures`.
    """
    count, last = 0, None

    def counted() -> Iterator[npt.NDArray[Any]]:
        nonlocal count, last
        for taken in pictures(bag, camera):
            count, last = count + 1, taken
            yield taken

    write_video(video, counted(), CONTROL_HZ // EVERY)
    if picture is not None and last is not None:
        write_picture(picture, last)
    return count
