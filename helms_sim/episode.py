"""Configuration of an episode, and its random draws."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_sim.cell.start import Start, sample_objects, sample_tool
from helms_sim.objects import object_set as triplet_of
from helms_sim.randomisation import Physics, randomisation
from helms_sim.scene.model import Triplet, settling_model
from helms_sim.tasks import make_task


@dataclass(frozen=True, slots=True)
class EpisodeConfig:
    """Options of an episode, checked.

    Raises:
        HelmsError: a name that does not exist; the message lists those that do.
    """

    task: str = "red_on_blue"
    """A name in `helms_sim.tasks.TASK_NAMES`."""
    object_set: int | str = 4
    """1 to 5, a set of names to draw triplets from, or a triplet; see `helms_sim.objects.object_set`."""
    randomisation: str = "off"
    """"off", "training" or "hard"."""

    def __post_init__(self) -> None:
        """Refuse unknown names before anything is simulated."""
        make_task(self.task)
        triplet_of(self.object_set, np.random.default_rng(0))
        randomisation(self.randomisation)

    def changed(self, options: dict[str, Any] | None) -> "EpisodeConfig":
        """Return the configuration with some fields replaced.

        Raises:
            HelmsError: an option that does not exist.
        """
        allowed = tuple(self.__dataclass_fields__)
        for name in options or {}:
            if name not in allowed:
                raise HelmsError(f"unknown reset option {name!r}; the options are: {', '.join(allowed)}.")
        return replace(self, **options) if options else self


@dataclass(frozen=True, slots=True)
class Episode:
    """Random draws of an episode."""

    triplet: Triplet
    """Red, green and blue object, sizes included."""
    names: tuple[str, str, str]
    """Names of the three."""
    physics: Physics
    """Drawn physics."""
    start: Start
    """Start state of tool and objects."""

    @property
    def shapes(self) -> tuple[npt.NDArray[np.float64], ...]:
        """Vertices (V, 3) of the red, green and blue object, m, in their own frames."""
        return tuple(item.vertices for item in self.triplet)


def draw_episode(config: EpisodeConfig, rng: np.random.Generator) -> Episode:
    """Draw an episode; the same generator state gives the same episode, byte for byte."""
    nominal = triplet_of(config.object_set, rng)
    physics = randomisation(config.randomisation).draw(rng)
    red, green, blue = (item.scaled(size) for item, size in zip(nominal, physics.object_size, strict=True))
    triplet = (red, green, blue)
    position, quaternion = sample_tool(rng)
    objects = sample_objects(settling_model(triplet), rng)
    names = (nominal[0].name, nominal[1].name, nominal[2].name)
    return Episode(triplet, names, physics, Start(position, quaternion, objects))
