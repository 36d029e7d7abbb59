"""A bundle as functions: features once a step, then level after level; arrays in, arrays out."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from helms_control.features import geometry
from helms_control.features.roles import ordered, reordered
from helms_control.policy.bundle import Bundle
from helms_control.policy.contract import FEATURES
from helms_control.policy.errors import PolicyInputError
from helms_control.spec import FRAMES, OBJECTS, PROPRIOCEPTION

Vector = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

_OWN, _SEEN = (FRAMES, PROPRIOCEPTION.size), (FRAMES, OBJECTS.size)


class Seen(NamedTuple):
    """Features of one observation.

    Attributes:
        robot: (R,), from proprioception only.
        scene: (S,), from the objects too.
    """

    robot: Vector
    scene: Vector


class Perception:
    """Features of observations: the one stage that sees the contract's streams.

    Attributes:
        needs_shapes: whether the features depend on the objects' shapes.
    """

    def __init__(self, bundle: Bundle) -> None:
        """Use the features of a bundle that was loaded with them."""
        session = bundle.sessions[FEATURES]
        self._run, self._inputs = session.run, frozenset(item.name for item in session.get_inputs())
        self._order, self.needs_shapes = bundle.manifest.features.order, "shapes" in self._inputs
        self._places: tuple[int, ...] | None = None

    def begin(self, shapes: Sequence[npt.ArrayLike], roles: Sequence[int]) -> None:
        """Begin an episode.

        Args:
            shapes: vertices (V, 3), m, of the red, green and blue object; not used by features without.
            roles: (3,), index of the object in each role of the task.

        Raises:
            ShapeError: a shape that no features can be computed of.
            PolicyInputError: another number of shapes, or roles that are no order.
        """
        self._places = None  # whatever is refused below: the shapes of the episode before are over
        if sorted(roles) != [0, 1, 2] or (self.needs_shapes and len(shapes) != len(roles)):
            raise PolicyInputError(f"got {len(shapes)} shapes and the roles {list(roles)}; wanted are 3 and an order")
        places = ordered(self._order, roles)
        self._shapes = geometry.pack([shapes[item] for item in places])[None] if self.needs_shapes else None
        self._places = places

    def __call__(self, proprioception: Vector, objects: Vector) -> Seen:
        """Return the features of an observation.

        Args:
            proprioception: (3, 43), newest frame first.
            objects: (3, 42), newest frame first, red, green and blue.

        Raises:
            PolicyInputError: another shape, a number that is not finite, in or out, or no episode was begun.
        """
        if self._places is None:
            raise PolicyInputError("no episode was begun: the shapes of its objects and its task are not known")
        own, seen = _checked("proprioception", proprioception, _OWN), _checked("objects", objects, _SEEN)
        inputs = {"proprioception": own[None], "objects": reordered(seen, self._places)[None]}
        if self._shapes is not None:
            inputs["shapes"] = self._shapes
        robot, scene = self._run(("robot", "scene"), {name: inputs[name] for name in self._inputs})
        return Seen(_finite("robot", robot[0]), _finite("scene", scene[0]))


class HighLevel:
    """High level p(y | x): the skill."""

    def __init__(self, bundle: Bundle) -> None:
        """Use the level of a bundle that was loaded with it."""
        self._run = bundle.sessions["high"].run

    def __call__(self, seen: Seen) -> tuple[int, Vector]:
        """Return the most probable skill and all probabilities (K,).

        Raises:
            PolicyInputError: a result that is not finite.
        """
        (result,) = self._run(None, {"robot": seen.robot[None], "scene": seen.scene[None]})
        probabilities = _finite("probabilities", result[0])
        return int(probabilities.argmax()), probabilities


class MidLevel:
    """Mid level p(z | y, x): the mean latent of a skill, or of the only one."""

    def __init__(self, bundle: Bundle) -> None:
        """Use the level of a bundle that was loaded with it."""
        self._run, self._skills = bundle.sessions["mid"].run, bundle.manifest.skills
        self._chooses = "high" in bundle.manifest.levels

    def __call__(self, seen: Seen, skill: int) -> Vector:
        """Return the latent (Z,) of a skill, 0 to K - 1.

        Raises:
            PolicyInputError: no such skill, or a result that is not finite.
        """
        if not 0 <= skill < self._skills:
            raise PolicyInputError(f"skill is {skill}; this policy has the skills 0 to {self._skills - 1}")
        inputs = {"robot": seen.robot[None], "scene": seen.scene[None]}
        if self._chooses:
            inputs["skill"] = np.array([skill], np.int64)
        return _finite("latent", self._run(None, inputs)[0][0])


class LowLevel:
    """Low level p(a | z, x): the mean action, from the robot's features and the latent."""

    def __init__(self, bundle: Bundle) -> None:
        """Use the level of a bundle that was loaded with it."""
        self._run = bundle.sessions["low"].run

    def __call__(self, robot: Vector, latent: Vector) -> Array:
        """Return the action (5,) in [-1, 1], float64.

        Raises:
            PolicyInputError: a result that is not finite.
        """
        (result,) = self._run(None, {"robot": robot[None], "latent": latent[None]})
        return _finite("action", result[0]).astype(np.float64)


class FlatPolicy:
    """The one network of a policy without levels."""

    def __init__(self, bundle: Bundle) -> None:
        """Use the network of a bundle that was loaded with it."""
        self._run = bundle.sessions["flat"].run

    def __call__(self, seen: Seen) -> Array:
        """Return the action (5,) in [-1, 1], float64.

        Raises:
            PolicyInputError: a result that is not finite.
        """
        (result,) = self._run(None, {"robot": seen.robot[None], "scene": seen.scene[None]})
        return _finite("action", result[0]).astype(np.float64)


class Step(NamedTuple):
    """Outputs of all levels for one observation; without skills the only one, without a latent none."""

    skill: int
    probabilities: Vector
    latent: Vector
    action: Array


_CERTAIN, _NONE = np.ones(1, np.float32), np.zeros(0, np.float32)


class Policy:
    """Features and levels in sequence."""

    def __init__(self, bundle: Bundle) -> None:
        """Use all graphs of a bundle."""
        levels = bundle.manifest.levels
        self._perception = Perception(bundle)
        self._flat = FlatPolicy(bundle) if "flat" in levels else None
        self._high = HighLevel(bundle) if "high" in levels else None
        if self._flat is None:
            self._mid, self._low = MidLevel(bundle), LowLevel(bundle)

    def begin(self, shapes: Sequence[npt.ArrayLike], roles: Sequence[int]) -> None:
        """Begin an episode; as for `Perception`."""
        self._perception.begin(shapes, roles)

    def __call__(self, proprioception: Vector, objects: Vector) -> Step:
        """Return skill, probabilities (K,), latent (Z,) and action (5,) for an observation.

        Raises:
            PolicyInputError: another shape, or a number that is not finite, in or out.
        """
        seen = self._perception(proprioception, objects)
        if self._flat is not None:
            return Step(0, _CERTAIN, _NONE, self._flat(seen))
        skill, probabilities = (0, _CERTAIN) if self._high is None else self._high(seen)
        latent = self._mid(seen, skill)
        return Step(skill, probabilities, latent, self._low(seen.robot, latent))


def _checked(name: str, values: Vector, shape: tuple[int, ...]) -> Vector:
    if values.shape != shape:
        raise PolicyInputError(f"{name} has shape {values.shape}; the policy wants {shape}")
    return _finite(name, values)


def _finite(name: str, values: Vector) -> Vector:
    # count_nonzero() takes half as long as all().
    if np.count_nonzero(np.isfinite(values)) != values.size:
        place = np.unravel_index(int(np.argmin(np.isfinite(values))), values.shape)
        raise PolicyInputError(f"{name}{[int(index) for index in place]} is not finite")
    return values
