"""A report: subject, selected episode and its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from helms_control.durable import write_bytes
from helms_control.errors import HelmsError
from helms_learning.report.episode import Array, Integers, Played
from helms_learning.report.figures.overview import Overview
from helms_learning.report.figures.style import LIGHT, png
from helms_learning.report.figures.timeline import Timeline, frame_steps
from helms_learning.report.findings import telling_episode
from helms_learning.report.statistics import transitions, usage
from helms_learning.report.subject import Subject


@dataclass(frozen=True, slots=True)
class Report:
    """Contents of a report.

    Attributes:
        subject: policy and episodes.
        command: that made the report.
        chosen: episode of the timeline.
        frames: its pictures; empty where none could be rendered.
        frameless: reason for missing pictures, or empty.
    """

    subject: Subject
    command: str
    chosen: Played
    frames: Sequence[npt.NDArray[np.uint8]]
    frameless: str

    @property
    def skills(self) -> list[Integers]:
        """Skills of each episode."""
        return [episode.skills for episode in self.subject.episodes]

    @property
    def stages(self) -> list[Integers]:
        """Stages of each episode."""
        return [episode.stages for episode in self.subject.episodes]

    @property
    def usage(self) -> Array:
        """Usage of the skills, (K,)."""
        return usage(self.skills, self.subject.skills)

    @property
    def transitions(self) -> Array:
        """Transition matrix of the skills, (K, K)."""
        return transitions(self.skills, self.subject.skills)

    @property
    def timeline(self) -> Timeline:
        """Timeline of the chosen episode."""
        return Timeline(self.chosen, self.subject.skills, self.subject.stages, self.frames)

    def overview(self) -> bytes:
        """Return an overview picture, PNG."""
        drawn = Overview(self.timeline, self.usage, self.transitions)
        return png(drawn, drawn.height, LIGHT, solid=True)


def make_report(subject: Subject, command: str) -> Report:
    """Choose an episode and render its pictures.

    Args:
        subject: policy and episodes.
        command: to be shown on the page.
    """
    chosen = telling_episode(subject.episodes)
    try:
        return Report(subject, command, chosen, subject.photograph(chosen, frame_steps(chosen)), "")
    except HelmsError as error:
        return Report(subject, command, chosen, (), str(error))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file atomically.

    Raises:
        HelmsError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content)
    except OSError as error:
        raise HelmsError(
            f"{path} cannot be written: {error}; name a file in a folder that can be written to"
        ) from error
