"""Latent space along its two principal components."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helms_learning.report.figures.style import Theme, quiet, skill_colours, stage_colours
from helms_learning.report.statistics import Array, Integers

POINTS = 6000
"""Largest number of points drawn."""
_COLUMNS = 2
"""Columns of the stages' legend."""


def draw_latents(
    figure: Figure, theme: Theme, points: Array, shares: Array, skills: Integers, stages: Integers, names: Sequence[str]
) -> None:
    """Draw the latents coloured by skill and by stage; with one skill by stage only.

    Args:
        figure: empty.
        theme: colours.
        points: (N, 2), principal components.
        shares: (2,), explained variance.
        skills: (N,).
        stages: (N,), 0 for none.
        names: of the stages, from 0.
    """
    # A random subset and order: no episode hides the others.
    order = np.random.default_rng(0).permutation(len(points))[:POINTS]
    points, skills, stages = points[order], skills[order], stages[order]
    count = int(skills.max()) + 1
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    height = figure.get_figheight()
    low, top = (0.55 + 0.18 * -(-len(names) // _COLUMNS)) / height, 1.0 - 0.3 / height
    figure.subplots_adjust(0.03, low, 0.99, top, wspace=0.06)
    if count > 1:
        colours = skill_colours(count)
        _scatter(left, points, skills, colours)
        _legend(left, [str(index) for index in range(count)], colours, theme, 8)
        left.set_title("Coloured by skill")
        named = right
    else:
        right.remove()
        left.set_position((0.03, low, 0.6, top - low))
        named = left
    tints = stage_colours(len(names), theme)
    _scatter(named, points, stages, tints)
    _legend(named, names, tints, theme, _COLUMNS)
    named.set_title("Coloured by stage of the task")
    for axes in {left, named}:
        quiet(axes, theme, "left", "bottom")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel(f"first principal component, {100.0 * shares[0]:.0f} % of the variance", loc="left")
    left.set_ylabel(f"second component, {100.0 * shares[1]:.0f} %", loc="bottom")


def _scatter(axes: Axes, points: Array, values: Integers, colours: Sequence[str]) -> None:
    tints = np.array(colours, object)[values].tolist()
    axes.scatter(points[:, 0], points[:, 1], s=4.0, c=tints, alpha=0.7, linewidths=0.0)


def _legend(axes: Axes, names: Sequence[str], colours: Sequence[str], theme: Theme, columns: int) -> None:
    marks = [Line2D([], [], marker="o", linestyle="none", color=colour, markersize=5) for colour in colours]
    axes.legend(
        marks,
        names,
        loc="upper left",
        bbox_to_anchor=(-0.03, -0.07),
        ncols=columns,
        labelcolor=theme.soft,
        handletextpad=0.2,
        columnspacing=1.2,
    )
