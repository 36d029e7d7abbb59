"""Pictures of a running episode, for commands."""

from pathlib import Path
from typing import Any

import numpy.typing as npt

from helms_sim.env import StackEnv
from helms_sim.render import write_picture, write_video


class Recording:
    """Takes a picture after each step, and writes a video and the last picture."""

    def __init__(self, env: StackEnv, camera: str, every_step: bool = True) -> None:
        """Watch an environment; the pictures wait in memory, 0.9 MB each, 400 in an episode."""
        self._env, self._camera, self._every_step = env, camera, every_step
        self._frames: list[npt.NDArray[Any]] = []

    def take(self, env: StackEnv) -> None:
        """Take a picture of this instant."""
        if not self._every_step:
            self._frames.clear()
        frame = env.render(self._camera)
        if frame is not None:
            self._frames.append(frame)

    def save(self, video: Path | None, picture: Path | None) -> None:
        """Write what is wanted."""
        if video is not None:
            write_video(video, self._frames)
        if picture is not None:
            write_picture(picture, self._frames[-1])
