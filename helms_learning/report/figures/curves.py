"""Training curves of a run."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from helms_learning.report.figures.style import Theme, quiet

NAMES = {
    "elbo": "ELBO, nats per step",
    "reconstruction": "Action log-likelihood, nats",
    "latent_kl": "Latent KL, nats",
    "skill_kl": "Skill KL, nats",
    "high": "High-level cross-entropy, nats",
    "high_agrees": "High-level agreement, share",
    "error": "Action error, rms",
    "least_used": "Least used skill, share",
    "information": "Skill-input information, nats",
}
"""Labels of the terms, in drawing order; others follow by name."""
_APART = ("step", "split", "steps_per_s")
COLUMNS = 3


def terms_of(metrics: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of the metrics, in drawing order."""
    found = {key for note in metrics for key, value in note.items() if key not in _APART and _number(value)}
    return [key for key in NAMES if key in found] + sorted(found - NAMES.keys())


def height_of(metrics: Sequence[Mapping[str, Any]]) -> float:
    """Return the height of the figure, inches."""
    return 1.75 * -(-len(terms_of(metrics)) // COLUMNS) + 0.3


def draw_curves(figure: Figure, theme: Theme, metrics: Sequence[Mapping[str, Any]]) -> None:
    """Draw a panel for each term: thin on training batches, thick on validation windows."""
    terms = terms_of(metrics)
    rows = -(-len(terms) // COLUMNS)
    panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    height = figure.get_figheight()
    figure.subplots_adjust(0.05, 0.5 / height, 0.985, 1.0 - 0.3 / height, wspace=0.22, hspace=0.55)
    for axes in panels[len(terms) :]:
        axes.remove()
    for axes, term in zip(panels, terms, strict=False):
        for split, colour, width in (("train", theme.soft, 0.7), ("valid", theme.ink, 1.6)):
            notes = [note for note in metrics if note.get("split") == split and _number(note.get(term))]
            steps, values = [note["step"] for note in notes], [note[term] for note in notes]
            axes.plot(steps, values, color=colour, linewidth=width, marker="." if len(notes) < 4 else "", label=split)
        axes.set_title(NAMES.get(term, term.replace("_", " ")))
        axes.locator_params(nbins=4)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}k" if value >= 1000 else f"{value:g}")
        axes.grid(axis="y", color=theme.rule, linewidth=0.6)
        quiet(axes, theme, "bottom")
    panels[0].legend(["training batches", "validation"], loc="lower right", labelcolor=theme.soft)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
