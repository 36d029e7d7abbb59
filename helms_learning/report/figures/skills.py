"""Skills: usage, transitions, durations."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm, to_hex

from helms_control.spec import CONTROL_HZ
from helms_learning.report.figures.style import Theme, badged_ticks, mixed, on, quiet, skill_colours
from helms_learning.report.statistics import Array, Integers

_LEGIBLE = 16
"""Largest number of skills for which cells and axes are labelled."""


def draw_usage(axes: Axes, shares: Array, theme: Theme) -> None:
    """Draw one bar for each skill; `shares` is (K,)."""
    colours = skill_colours(len(shares))
    places = np.arange(len(shares))
    axes.barh(places, 100.0 * shares, height=0.7, color=colours)
    quiet(axes, theme)
    if len(shares) <= _LEGIBLE:
        for place, share in enumerate(shares.tolist()):
            axes.text(100.0 * share + 1.2, place, percent(share) + " %", va="center", color=theme.ink)
        badged_ticks(axes, "y", colours)
    axes.set_xticks([])
    axes.set_xlim(0.0, max(105.0 * shares.max(), 1.0) + 12.0)
    axes.set_ylim(len(shares) - 0.4, -0.6)
    axes.set_title("Skill usage, % of steps")


def draw_transitions(axes: Axes, shares: Array, theme: Theme) -> None:
    """Draw the transition matrix (K, K), in per cent of each row."""
    count = len(shares)
    ramp = LinearSegmentedColormap.from_list("shares", [mixed(theme.rule, theme.paper, 0.8), theme.stages[1]])
    # Square root: nearly all mass is on the diagonal.
    norm = PowerNorm(0.5, 0.0, 1.0)
    axes.imshow(shares, cmap=ramp, norm=norm, aspect="auto")
    axes.set_xticks(np.arange(count + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(count + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=theme.paper, linewidth=1.5)
    quiet(axes, theme)
    axes.tick_params(which="minor", length=0)
    colours = skill_colours(count)
    if count <= _LEGIBLE:
        for row, column in zip(*np.nonzero(shares), strict=True):
            value = shares[row, column]
            colour = on(to_hex(ramp(norm(value))))
            axes.text(column, row, percent(value), ha="center", va="center", color=colour)
        badged_ticks(axes, "x", colours)
        badged_ticks(axes, "y", colours)
    axes.set_xlabel("skill at the next step", labelpad=6)
    axes.set_ylabel("skill", labelpad=6)
    axes.set_title("Skill transitions, % of a row")


def draw_lengths(axes: Axes, lengths: Integers, theme: Theme) -> None:
    """Draw the durations of skills, s, on a logarithmic axis."""
    seconds = lengths / CONTROL_HZ
    # Edges between whole steps: every bin contains a possible length.
    edges = (np.unique(np.geomspace(1.0, max(lengths.max() + 1.0, 40.0), 24).round()) - 0.5) / CONTROL_HZ
    axes.hist(seconds, bins=edges.tolist(), color=mixed(theme.soft, theme.paper, 0.35))
    axes.set_xscale("log")
    axes.set_xlim(edges[0], edges[-1])
    ticks = [tick for tick in (0.05, 0.2, 1.0, 5.0, 20.0) if tick <= edges[-1]]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    median = float(np.median(seconds))
    axes.axvline(median, color=theme.ink, linewidth=1.0)
    axes.annotate(
        f"median {median:.2g} s",
        (median, 1.0),
        (4, -2),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        va="top",
    )
    axes.locator_params(axis="y", nbins=4, integer=True)
    quiet(axes, theme, "bottom")
    axes.set_xlabel("seconds")
    axes.set_title("Skill duration, number of segments")


def percent(share: float) -> str:
    """Return a share in per cent, rounded; "<1" where it would round to 0."""
    return "<1" if 0.0 < share < 0.005 else f"{100.0 * share:.0f}"
