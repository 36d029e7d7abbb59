"""Timeline of an episode: pictures, skill, stage, reward."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from helms_control.spec import CONTROL_HZ
from helms_learning.report.episode import Integers, Played
from helms_learning.report.figures.style import WIDTH, Theme, badge, mixed, on, quiet, skill_colours, stage_colours

FRAMES = 8
CROP = (140, 66, 510, 480)
"""Left, top, right and bottom of the crop, pixels: the basket and the arm above it."""
_ROW = 0.21
"""Height of a row of stage names, inches."""
_MARGIN = 0.06
LEFT, RIGHT = 0.08, 0.985
"""Ends of the time axis, fractions of the figure's width."""
_FRAME_HEIGHT = (RIGHT - LEFT) * WIDTH / FRAMES * (CROP[3] - CROP[1]) / (CROP[2] - CROP[0])
"""Height of a picture, inches."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Data of the figure.

    Attributes:
        episode: of T steps.
        skills: K.
        stages: names of the stages, from 0.
        frames: pictures after the steps of `frame_steps`; empty where none could be rendered.
    """

    episode: Played
    skills: int
    stages: tuple[str, ...]
    frames: Sequence[npt.NDArray[np.uint8]] = ()

    @property
    def height(self) -> float:
        """Height of the figure, inches."""
        return 1.72 + _ROW * self.key_rows + (_FRAME_HEIGHT if self.frames else 0.0)

    @property
    def key(self) -> list[int]:
        """Stages in the steps shown."""
        return sorted(set(self.episode.stages[: self.episode.eventful].tolist()))

    @property
    def key_rows(self) -> int:
        """Number of rows of stage names."""
        return ceil(sum(0.05 + 0.0085 * len(self.stages[stage]) for stage in self.key) / (RIGHT - LEFT))

    def __call__(self, figure: Figure, theme: Theme) -> None:
        """Draw into an empty figure."""
        draw(figure, self, theme, 0.0, self.height)


def frame_steps(episode: Played) -> list[int]:
    """Return the steps of the pictures: midpoints of equal parts of the steps shown."""
    shown = episode.eventful
    return sorted({int((index + 0.5) * shown / FRAMES) for index in range(FRAMES)})


def draw(figure: Figure, timeline: Timeline, theme: Theme, bottom: float, height: float) -> None:
    """Draw into a horizontal band of a figure; `bottom` and `height` in inches."""
    total = figure.get_figheight()
    episode, shown = timeline.episode, timeline.episode.eventful
    top = bottom + height - _MARGIN

    def strip(low: float, high: float) -> Axes:
        axes = figure.add_axes((LEFT, low / total, RIGHT - LEFT, (high - low) / total))
        axes.set_xlim(0.0, shown)
        axes.set_yticks([])
        axes.set_xticks([])
        quiet(axes, theme)
        return axes

    if timeline.frames:
        _frames(strip(top - _FRAME_HEIGHT, top), timeline.frames, shown, theme)
        top -= _FRAME_HEIGHT + 0.08
    skill, stage = strip(top - 0.32, top), strip(top - 0.66, top - 0.38)
    below = bottom + _ROW * timeline.key_rows
    reward = strip(below + 0.3, top - 0.74)
    skill_tints, stage_tints = skill_colours(timeline.skills), stage_colours(len(timeline.stages), theme)
    _band(skill, episode.skills[:shown], skill_tints)
    _band(stage, episode.stages[:shown], stage_tints)
    _reward(reward, episode, shown, theme)
    for axes, name in ((skill, "skill"), (stage, "stage"), (reward, "reward")):
        axes.text(-0.028, 0.48, name, transform=axes.transAxes, ha="right", va="center", color=theme.soft)
    key = [(str(stage), timeline.stages[stage], stage_tints[stage]) for stage in timeline.key]
    _key(figure, below - 0.5 * _ROW, key, theme)


def _frames(axes: Axes, frames: Sequence[npt.NDArray[np.uint8]], shown: int, theme: Theme) -> None:
    part = shown / len(frames)
    for index, frame in enumerate(frames):
        width, height = CROP[2] - CROP[0], CROP[3] - CROP[1]
        small = Image.fromarray(frame).crop(CROP).resize((width * 3 // 5, height * 3 // 5), Image.Resampling.LANCZOS)
        left, right = (index + 0.012) * part, (index + 0.988) * part
        axes.imshow(np.asarray(small), extent=(left, right, 0.04, 1.0), aspect="auto", interpolation="lanczos")
        axes.plot([(index + 0.5) * part] * 2, [0.0, 0.04], color=theme.soft, linewidth=0.8, solid_capstyle="butt")
    axes.set_xlim(0.0, shown)
    axes.set_ylim(0.0, 1.0)


def _band(axes: Axes, values: Integers, colours: Sequence[str]) -> None:
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    for start, stop in pairwise(edges):
        value = int(values[start])
        axes.broken_barh([(start, stop - start)], (0.0, 1.0), facecolor=colours[value], linewidth=0.0)
        if stop - start > 0.018 * len(values) * len(str(value)):
            axes.text(0.5 * (start + stop), 0.46, str(value), ha="center", va="center", color=on(colours[value]))
    axes.set_ylim(0.0, 1.0)


def _reward(axes: Axes, episode: Played, shown: int, theme: Theme) -> None:
    instants, rewards = np.arange(shown) + 0.5, episode.rewards[:shown]
    axes.fill_between(instants, rewards, color=mixed(theme.rule, theme.paper, 0.3), linewidth=0.0)
    axes.plot(instants, rewards, color=theme.ink, linewidth=1.2)
    axes.set_ylim(0.0, 1.05)
    axes.set_yticks([0.0, 1.0], ["0", "1"])
    seconds = np.arange(0, shown // CONTROL_HZ + 1, 1 if shown <= 12 * CONTROL_HZ else 2)
    axes.set_xticks(seconds * CONTROL_HZ, [f"{second}" for second in seconds[:-1]] + [f"{seconds[-1]} s"])
    quiet(axes, theme, "bottom")
    since = episode.success_from
    if since is not None:
        axes.axvline(since, color=theme.ink, linewidth=0.8, linestyle=(0, (2, 2)))
        late = since > 0.8 * shown
        axes.annotate(
            f"success from {since / CONTROL_HZ:.1f} s",
            (since, 0.1),
            (-5 if late else 5, 0),
            textcoords="offset points",
            ha="right" if late else "left",
        )


def _key(figure: Figure, top: float, entries: Sequence[tuple[str, str, str]], theme: Theme) -> None:
    """Draw the legend of stages in rows; `top` is the height of the first, inches."""
    total, renderer = figure.get_figheight(), figure.canvas.get_renderer()  # type: ignore[attr-defined]  # Agg has one
    x, y = LEFT, top / total
    for number, name, colour in entries:
        tile = figure.text(x + 0.008, y, number, ha="center", va="center")
        badge(tile, colour)
        told = figure.text(x + 0.024, y, name, va="center", color=theme.soft)
        right = told.get_window_extent(renderer).x1 / figure.bbox.width
        if right > RIGHT:
            y -= _ROW / total
            tile.set_position((LEFT + 0.008, y))
            told.set_position((LEFT + 0.024, y))
            right += LEFT - x
        x = right + 0.025
