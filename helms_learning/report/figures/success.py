"""Success on each object set."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from helms_learning.report.figures.style import Theme, mixed, quiet
from helms_learning.report.findings import Rate


def draw_success(figure: Figure, theme: Theme, rates: Sequence[Rate], measured: Sequence[Rate]) -> None:
    """Draw a bar for each object set with its Wilson 95 % interval, and the manifest's rate beside it."""
    axes = figure.add_axes((0.055, 0.2, 0.935, 0.7))
    noted = {rate.object_set: rate for rate in measured}
    for place, rate in enumerate(rates):
        axes.bar(place, 100.0 * rate.success, width=0.5, color=mixed(theme.soft, theme.paper, 0.45))
        _interval(axes, place, rate, theme.ink, "none")
        axes.text(place + 0.03, 100.0 * rate.success + 1.0, f"{100.0 * rate.success:.0f}", va="bottom", color=theme.ink)
        if rate.object_set in noted:
            _interval(axes, place + 0.36, noted[rate.object_set], theme.soft, "o")
    axes.set_xticks(range(len(rates)), [f"set {rate.object_set}" for rate in rates])
    axes.set_ylim(0.0, 100.0)
    axes.set_xlim(-0.6, max(len(rates), 3) - 0.4)
    axes.set_yticks([0, 50, 100], ["0", "50", "100 %"])
    axes.grid(axis="y", color=theme.rule, linewidth=0.6)
    axes.set_axisbelow(True)
    quiet(axes, theme)


def _interval(axes: object, place: float, rate: Rate, colour: str, marker: str) -> None:
    low, high = rate.success - rate.low, rate.high - rate.success
    axes.errorbar(  # type: ignore[attr-defined]
        place,
        100.0 * rate.success,
        yerr=[[100.0 * max(low, 0.0)], [100.0 * max(high, 0.0)]],
        color=colour,
        marker=marker,
        markersize=4,
        linewidth=1.2,
        capsize=3,
    )
