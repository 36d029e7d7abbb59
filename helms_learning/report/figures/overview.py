"""Overview of a policy: timeline of an episode, skill usage and transitions."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from helms_learning.report.figures.skills import draw_transitions, draw_usage
from helms_learning.report.figures.style import Theme
from helms_learning.report.figures.timeline import LEFT, RIGHT, Timeline, draw
from helms_learning.report.statistics import Array

_BELOW = 2.2
"""Height of the lower row, inches."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Data of the figure.

    Attributes:
        timeline: of one episode.
        shares: (K,), usage of the skills.
        follows: (K, K), transition matrix.
    """

    timeline: Timeline
    shares: Array
    follows: Array

    @property
    def height(self) -> float:
        """Height of the figure, inches."""
        return self.timeline.height + 0.24 + (_BELOW if len(self.shares) > 1 else 0.0)

    def __call__(self, figure: Figure, theme: Theme) -> None:
        """Draw onto an empty figure."""
        below = _BELOW if len(self.shares) > 1 else 0.0
        draw(figure, self.timeline, theme, below + 0.14, self.timeline.height)
        if not below:
            return
        height = figure.get_figheight()
        low, tall = 0.48 / height, (_BELOW - 0.85) / height
        draw_usage(figure.add_axes((LEFT, low, 0.37, tall)), self.shares, theme)
        draw_transitions(figure.add_axes((0.56, low, RIGHT - 0.56, tall)), self.follows, theme)
