"""Shared figure style."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
"""Colour-blind safe palette. Source: Okabe and Ito (2008), "Color universal design"."""
WIDTH = 8.0
"""Width of every figure, inches."""
DPI = 225
"""Resolution: 1800 pixels for a page width of 900."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours except those of skills."""

    ink: str
    """Text and data."""
    soft: str
    """Axes and secondary text."""
    rule: str
    """Grid lines."""
    paper: str
    """Background, as on the page."""
    stages: tuple[str, str]
    """First and last stage of a task; those between are interpolated."""


LIGHT = Theme("#1c2126", "#5d6771", "#d5dade", "#ffffff", ("#bcc7dc", "#1b2340"))
DARK = Theme("#e4e7ea", "#9ba5ae", "#3b434b", "#15181c", ("#525d80", "#eef2fb"))

Draw = Callable[[Figure, Theme], None]


def skill_colours(count: int) -> list[str]:
    """Return the colour of each skill; lighter and darker variants beyond eight."""
    shades = [(0.0, "white"), (0.55, "white"), (0.5, "black")]
    rounds = [(OKABE_ITO[index % 8], *shades[index // 8 % len(shades)]) for index in range(count)]
    return [mixed(colour, other, share) for colour, share, other in rounds]


def stage_colours(count: int, theme: Theme) -> list[str]:
    """Return `count` colours: stage 0 (none) in grey, the others from pale to strong."""
    ramp = LinearSegmentedColormap.from_list("stages", list(theme.stages))
    return [mixed(theme.rule, theme.paper, 0.3), *(to_hex(ramp(value)) for value in np.linspace(0.0, 1.0, count - 1))]


def mixed(colour: str, other: str, share: float) -> str:
    """Return a mixture of two colours; `share` is that of `other`."""
    red, green, blue = ((1.0 - share) * a + share * b for a, b in zip(to_rgb(colour), to_rgb(other), strict=True))
    return to_hex((red, green, blue))


def on(colour: str) -> str:
    """Return black or white for contrast on a colour (WCAG's relative luminance)."""
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return "#000000" if linear @ (0.2126, 0.7152, 0.0722) > 0.18 else "#ffffff"


def badge(text: Text, colour: str) -> None:
    """Set a text on a tile of a colour."""
    text.set_bbox({"boxstyle": "round,pad=0.28", "facecolor": colour, "edgecolor": "none"})
    text.set(color=on(colour), fontsize=7.5)


def badged_ticks(axes: Axes, which: Literal["x", "y"], colours: Sequence[str]) -> None:
    """Label an axis with skill numbers on tiles of their colours."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks(list(range(len(colours))), [str(index) for index in range(len(colours))])
    axes.tick_params(axis=which, length=0, pad=7)
    for label, colour in zip(axis.get_ticklabels(), colours, strict=True):
        badge(label, colour)
        label.set_verticalalignment("center")


def quiet(axes: Axes, theme: Theme, *sides: str) -> None:
    """Show only the named sides of the frame, in the soft colour."""
    for name, spine in axes.spines.items():
        spine.set_visible(name in sides)
        spine.set_color(theme.rule)
    axes.tick_params(length=0, colors=theme.soft)


def png(draw: Draw, height: float, theme: Theme, solid: bool = False) -> bytes:
    """Draw a figure and return it as a PNG.

    Args:
        draw: draws the figure.
        height: of the figure, inches.
        theme: colours.
        solid: opaque background instead of a transparent one.
    """
    values: dict[Any, Any] = {
        "font.family": "DejaVu Sans",
        "font.size": 8.0,
        "axes.titlesize": 8.5,
        "axes.labelsize": 8.0,
        "axes.titlelocation": "left",
        "axes.titlepad": 8.0,
        "axes.facecolor": "none",
        "text.color": theme.ink,
        "axes.labelcolor": theme.soft,
        "axes.edgecolor": theme.rule,
        "axes.titlecolor": theme.ink,
        "xtick.labelsize": 8.0,
        "ytick.labelsize": 8.0,
        "legend.frameon": False,
        "legend.fontsize": 8.0,
    }
    with mpl.rc_context(values):
        figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=theme.paper if solid else "none")
        FigureCanvasAgg(figure)
        draw(figure, theme)
        buffer = io.BytesIO()
        # No software version in the file: equal data give equal files.
        figure.savefig(buffer, format="png", facecolor=figure.get_facecolor(), metadata={"Software": None})
    return buffer.getvalue()
