"""The stacking cell as a gymnasium environment."""

from collections import deque
from pathlib import Path
from typing import Any, cast

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError
from helms_control.spec import (
    ACTION,
    FRAMES,
    IMAGE_SHAPE,
    OBJECTS,
    PROPRIOCEPTION,
    FrameStack,
    check_action,
    to_physical,
)
from helms_control.spec.task import steps_of
from helms_sim.cell.blackbox import BlackBox
from helms_sim.cell.cell import Cell, DivergedError
from helms_sim.cell.reading import Sensors, read_state
from helms_sim.episode import Episode, EpisodeConfig, draw_episode
from helms_sim.pictures import Pictures
from helms_sim.randomisation import apply, perturb
from helms_sim.render import check_camera
from helms_sim.scene.model import cell_model
from helms_sim.tasks import CellState, make_task, reward_kind

Observation = dict[str, npt.NDArray[Any]]
Action = npt.NDArray[np.float32]
Info = dict[str, Any]

PICTURE_SIZE = (640, 480)
"""Width and height of `render()`, pixels."""


class StackEnv(gym.Env[Observation, Action]):
    """Three objects, one arm, one task; control steps at 20 Hz, 400 of them for a stack, 800 for a pyramid.

    Observations: `proprioception` (3, 43) and `objects` (3, 42), float32, three frames, newest first; fields and units
    in `helms_control.spec`. With `camera` also `image` (64, 64, 3) uint8. Actions: (5,) in [-1, 1]; what lies beyond is
    clipped and counted. An episode is truncated after its steps and never ends early, unless the physics diverges: then
    it is terminated with the last good observation, and `info` says why and where the last states are.

    `info` holds `success`, `stage` and `clipped` (components so far); after a reset also `triplet` and `physics`; after
    a divergence `reason` and `dump`.

    Attributes:
        cell: the running cell with its true state.
        state: state of the last reward.
        episode: random draws of this episode.
        config: task, object set and randomisation of this episode.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 20}  # noqa: RUF012 - gymnasium declares it so

    def __init__(
        self,
        task: str = "red_on_blue",
        object_set: int | str = 4,
        reward: str = "dense",
        randomisation: str = "off",
        camera: str | None = None,
        render_mode: str | None = None,
        dump_folder: str = "dumps",
    ) -> None:
        """Prepare the cell; nothing is simulated before `reset`.

        Args:
            task: a name in `helms_sim.tasks.TASK_NAMES`.
            object_set: 1 to 5, or what else `helms_sim.objects.object_set` takes.
            reward: "dense", "sparse_staged" or "sparse".
            randomisation: "off", "training" or "hard".
            camera: adds `image` from this camera to the observation.
            render_mode: "rgb_array", or None.
            dump_folder: where the last states of a diverged episode go.

        Raises:
            HelmsError: a name that does not exist; the message lists those that do.
        """
        if render_mode not in (None, "rgb_array"):
            raise HelmsError(f"unknown render mode {render_mode!r}; choose 'rgb_array', or None for no pictures.")
        if camera is not None:
            check_camera(camera)
        self.config = EpisodeConfig(task, object_set, randomisation)
        self.reward_kind = reward_kind(reward)
        self.render_mode, self.camera, self._dump_folder = render_mode, camera, Path(dump_folder)
        self.cell = Cell()
        self.episode: Episode
        self.state: CellState
        self._sensors, self._blackbox = Sensors(), BlackBox()
        self._own, self._seen = FrameStack(PROPRIOCEPTION.size), FrameStack(OBJECTS.size)
        self._pictures, self._steps_left = Pictures(), 0
        self.observation_space = _observation_space(camera is not None)
        self.action_space = gym.spaces.Box(-1.0, 1.0, (ACTION.size,), np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, Info]:
        """Begin an episode.

        Args:
            seed: the same seed (and options) gives the same episode, byte for byte; None goes on with the stream.
            options: `task`, `object_set` and `randomisation` from this episode on.

        Returns:
            The first observation and `info`.

        Raises:
            HelmsError: a seed that is no integer >= 0, or an option that does not exist.
        """
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0):
            raise HelmsError(f"a seed must be an integer >= 0; got {seed!r}. Leave it out for a fresh one.")
        super().reset(seed=None if seed is None else int(seed))
        self.config = self.config.changed(options)
        self._task = make_task(self.config.task)
        self._begin(draw_episode(self.config, self.np_random))
        self._noise = np.random.default_rng(self.np_random.integers(2**63))
        self._read()
        own, seen = self._own.reset(self._sensors.proprioception), self._seen.reset(self._sensors.objects)
        self._observation = self._seen_as(own, seen)
        outcome = self._task.evaluate(self.state, self.reward_kind)
        info: Info = {"success": outcome.success, "stage": outcome.stage, "clipped": 0}
        info |= {"triplet": self.episode.names, "physics": self.episode.physics.to_dict()}
        return self._observation, info

    def step(self, action: npt.ArrayLike) -> tuple[Observation, float, bool, bool, Info]:
        """Run one control step of 50 ms.

        Args:
            action: (5,) in [-1, 1].

        Returns:
            Observation, reward in [0, 1], terminated (the physics diverged), truncated (all steps are over), info.

        Raises:
            HelmsError: a wrong length, a component that is not finite, or no reset before.
        """
        wanted, clipped = check_action(action)
        if self._steps_left == 0:
            raise HelmsError("no episode is running: call reset() before the first step and after the last.")
        self._steps_left -= 1
        self._clipped += clipped
        self._delayed.append(wanted)
        info: Info = {"success": False, "stage": 0, "clipped": self._clipped}
        self._blackbox.record(self.cell)
        try:
            self.cell.step(to_physical(self._delayed.popleft()).tolist())
        except DivergedError as error:
            return self._diverged(error, info)
        self._read()
        own, seen = self._own.push(self._sensors.proprioception), self._seen.push(self._sensors.objects)
        self._observation = self._seen_as(own, seen)
        reward, info["stage"], info["success"] = self._task.evaluate(self.state, self.reward_kind)
        return self._observation, reward, False, self._steps_left == 0, info

    def render(self, camera: str = "main") -> npt.NDArray[Any] | None:
        """Return a picture (480, 640, 3) uint8 of the cell, or None without a render mode.

        Raises:
            HelmsError: an unknown camera, or no GL library; the message names the package to install.
        """
        if self.render_mode is None:
            return None
        return self._pictures.take(self.episode.triplet, self.cell.data, camera, *PICTURE_SIZE)

    def close(self) -> None:
        """Give back the GL contexts."""
        self._pictures.close()

    def _begin(self, episode: Episode) -> None:
        """Set the cell to a drawn episode."""
        model = cell_model(episode.triplet)
        apply(episode.physics, model)
        self.cell.use(model)
        self.cell.reset(episode.start)
        self.episode, self._perturbed = episode, not episode.physics.neutral
        self._blackbox.clear()
        self._steps_left = self._length = steps_of(self.config.task)
        self._clipped = 0
        self._delayed = deque(np.zeros((episode.physics.action_delay, ACTION.size)))

    def _seen_as(self, own: npt.NDArray[np.float32], seen: npt.NDArray[np.float32]) -> Observation:
        observation: Observation = {"proprioception": own, "objects": seen}
        if self.camera is not None:
            height, width, _ = IMAGE_SHAPE
            observation["image"] = self._pictures.take(self.episode.triplet, self.cell.data, self.camera, width, height)
        return observation

    def _read(self) -> None:
        self.state = read_state(self.cell)
        self._sensors.read(self.cell, self.state.grasp)
        if self._perturbed:
            perturb(self.episode.physics, self._sensors.proprioception, self._sensors.objects, self._noise)

    def _diverged(self, error: DivergedError, info: Info) -> tuple[Observation, float, bool, bool, Info]:
        name = f"diverged_{'_'.join(self.episode.names)}_step{self._length - self._steps_left}"
        self._steps_left = 0
        info |= {"reason": str(error), "dump": str(self._blackbox.dump(self._dump_folder, name, str(error)))}
        return self._observation, 0.0, True, False, info


def _observation_space(image: bool) -> gym.Space[Observation]:
    box = gym.spaces.Box
    spaces: dict[str, gym.Space[Any]] = {
        "proprioception": box(-np.inf, np.inf, (FRAMES, PROPRIOCEPTION.size), np.float32),
        "objects": box(-np.inf, np.inf, (FRAMES, OBJECTS.size), np.float32),
    }
    if image:
        spaces["image"] = box(0, 255, IMAGE_SHAPE, np.uint8)
    return cast("gym.Space[Observation]", gym.spaces.Dict(spaces))
