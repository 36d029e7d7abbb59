"""Pictures of a running episode, for commands."""

from pathlib import Path
from typing import Any

import numpy.typing as npt

from helms_control.spec import CONTROL_HZ
from helms_sim.env import StackEnv
from helms_sim.render.files import write_picture, write_video
from helms_sim.replay import EVERY


class Recording:
    """Takes pictures while an episode runs, and writes a video of them and the last one.

    They wait in memory, 0.9 MB each, 201 of an episode.
    """

    def __init__(self, camera: str, video: bool = True) -> None:
        """Start empty.

        Args:
            camera: to take pictures with.
            video: whether to keep them all, or only the last.
        """
        self._camera, self._video = camera, video
        self._pictures: list[npt.NDArray[Any]] = []
        self._instants = 0

    def take(self, env: StackEnv) -> None:
        """Look at this instant; every second one is kept."""
        if self._instants % EVERY == 0:
            picture = env.render(self._camera)
            if picture is not None:
                self._pictures = [*self._pictures, picture] if self._video else [picture]
        self._instants += 1

    def save(self, video: Path | None, picture: Path | None) -> None:
        """Write what is wanted."""
        if video is not None:
            write_video(video, self._pictures, CONTROL_HZ // EVERY)
        if picture is not None:
            write_picture(picture, self._pictures[-1])
