"""A cell that shows the state of another one, for those who look behind the observation from another process."""

import numpy.typing as npt
from gymnasium.utils.seeding import np_random

from helms_sim.cell.cell import Cell
from helms_sim.cell.reading import read_state
from helms_sim.episode import Episode, EpisodeConfig, draw_episode
from helms_sim.randomisation import apply
from helms_sim.scene.model import cell_model
from helms_sim.tasks import CellState


class Mirror:
    """Rebuilds an episode from its seed, and then shows whatever state it is given.

    Everything that is read from it equals, bit for bit, what is read from the cell that the state came from: positions
    and contacts are functions of the state and the model alone.

    Attributes:
        cell: the cell in the state shown.
        state: what tasks see of it.
        episode: what chance decided for the episode.
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
