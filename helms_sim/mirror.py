"""A copy of a cell in another process, for readers of its true state."""

import numpy.typing as npt
from gymnasium.utils.seeding import np_random

from helms_sim.cell.cell import Cell
from helms_sim.cell.reading import read_state
from helms_sim.episode import Episode, EpisodeConfig, draw_episode
from helms_sim.randomisation import apply
from helms_sim.scene.model import cell_model
from helms_sim.tasks import CellState


class Mirror:
    """Rebuilds an episode from its seed, then shows given states.

    Readings equal those of the original cell bit for bit: positions and contacts are functions of state and model.

    Attributes:
        cell: the cell in the state shown.
        state: its state for the tasks.
        episode: random draws of the episode.
        config: task, object set and randomisation.
    """

    def __init__(self) -> None:
        """Show nothing yet."""
        self.cell = Cell()
        self.config = EpisodeConfig()
        self.episode: Episode
        self.state: CellState

    def begin(self, config: EpisodeConfig, seed: int) -> None:
        """Rebuild the episode that `StackEnv(...).reset(seed=seed)` draws for a configuration."""
        generator, _ = np_random(seed)
        self.config = config
        self.episode = draw_episode(config, generator)
        model = cell_model(self.episode.triplet)
        apply(self.episode.physics, model)
        self.cell.use(model)
        self.cell.reset(self.episode.start)
        self.state = read_state(self.cell)

    def show(self, qpos: npt.ArrayLike, qvel: npt.ArrayLike, act: npt.ArrayLike, ctrl: npt.ArrayLike) -> None:
        """Show a state: MuJoCo's positions, velocities, activations and controls, SI units."""
        data = self.cell.data
        data.qpos[:], data.qvel[:], data.act[:], data.ctrl[:] = qpos, qvel, act, ctrl
        self.cell.refresh()
        self.state = read_state(self.cell)
