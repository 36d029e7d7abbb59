"""The three levels as functions: arrays in, arrays out."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from helms_control.policy.bundle import Bundle
from helms_control.policy.errors import PolicyInputError
from helms_control.spec import FRAMES, OBJECTS, PROPRIOCEPTION

Vector = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

_OWN, _SEEN = (FRAMES, PROPRIOCEPTION.size), (FRAMES, OBJECTS.size)


class HighLevel:
    """High level p(y | x): the skill."""

    def __init__(self, bundle: Bundle) -> None:
        """Use the level of a bundle that was loaded with it."""
        self._run = bundle.sessions["high"].run

    def __call__(self, proprioception: Vector, objects: Vector) -> tuple[int, Vector]:
        """Return the most probable skill and all probabilities (K,).

        Args:
            proprioception: (3, 43), newest frame first.
            objects: (3, 42), newest frame first.

        Raises:
            PolicyInputError: another shape, or a number that is not finite, in or out.
        """
        return self.of(_batch("proprioception", proprioception, _OWN), _batch("objects", objects, _SEEN))

    def of(self, own: Vector, seen: Vector) -> tuple[int, Vector]:
        """As `__call__`, for checked inputs (1, 3, 43) and (1, 3, 42)."""
        probabilities = _only("probabilities", self._run(None, {"proprioception": own, "objects": seen}))
        return int(probabilities.argmax()), probabilities


class MidLevel:
    """Mid level p(z | y, x): the mean latent of a skill."""

    def __init__(self, bundle: Bundle) -> None:
        """Use the level of a bundle that was loaded with it."""
        self._run, self._skills = bundle.sessions["mid"].run, bundle.manifest.skills

    def __call__(self, proprioception: Vector, objects: Vector, skill: int) -> Vector:
        """Return the latent (Z,) of a skill, 0 to K - 1; other arguments and errors as for the high level."""
        if not 0 <= skill < self._skills:
            raise PolicyInputError(f"skill is {skill}; this policy has the skills 0 to {self._skills - 1}")
        return self.of(_batch("proprioception", proprioception, _OWN), _batch("objects", objects, _SEEN), skill)

    def of(self, own: Vector, seen: Vector, skill: int) -> Vector:
        """As `__call__`, for checked inputs (1, 3, 43), (1, 3, 42) and 0 to K - 1."""
        inputs = {"proprioception": own, "objects": seen, "skill": np.array([skill], np.int64)}
        return _only("latent", self._run(None, inputs))


class LowLevel:
    """Low level p(a | z, x): the mean action, from latent and proprioception."""

    def __init__(self, bundle: Bundle) -> None:
        """Use the level of a bundle that was loaded with it."""
        self._run, self._latent = bundle.sessions["low"].run, (bundle.manifest.latent,)

    def __call__(self, proprioception: Vector, latent: Vector) -> Array:
        """Return the action (5,) in [-1, 1], float64.

        Args:
            proprioception: (3, 43), newest frame first.
            latent: (Z,).

        Raises:
            PolicyInputError: another shape, or a number that is not finite, in or out.
        """
        return self.of(_batch("proprioception", proprioception, _OWN), _batch("latent", latent, self._latent))

    def of(self, own: Vector, latent: Vector) -> Array:
        """As `__call__`, for checked inputs (1, 3, 43) and (1, Z)."""
        return _only("action", self._run(None, {"proprioception": own, "latent": latent})).astype(np.float64)


class Step(NamedTuple):
    """Outputs of all levels for one observation."""

    skill: int
    probabilities: Vector
    latent: Vector
    action: Array


class Policy:
    """The three levels in sequence."""

    def __init__(self, bundle: Bundle) -> None:
        """Use all levels of a bundle."""
        self._high, self._mid, self._low = HighLevel(bundle), MidLevel(bundle), LowLevel(bundle)

    def __call__(self, proprioception: Vector, objects: Vector) -> Step:
        """Return skill, probabilities (K,), latent (Z,) and action (5,) for an observation.

        Raises:
            PolicyInputError: another shape, or a number that is not finite, in or out.
        """
        # Checked once for all levels: with small networks, checks take a considerable part of the time.
        own, seen = _batch("proprioception", proprioception, _OWN), _batch("objects", objects, _SEEN)
        skill, probabilities = self._high.of(own, seen)
        latent = self._mid.of(own, seen, skill)
        return Step(skill, probabilities, latent, self._low.of(own, latent[None]))


def _batch(name: str, values: Vector, shape: tuple[int, ...]) -> Vector:
    if values.shape != shape:
        raise PolicyInputError(f"{name} has shape {values.shape}; the policy wants {shape}")
    return _finite(name, values)[None]


def _only(name: str, results: list[Vector]) -> Vector:
    return _finite(name, results[0][0])


def _finite(name: str, values: Vector) -> Vector:
    # count_nonzero() takes half as long as all().
    if np.count_nonzero(np.isfinite(values)) != values.size:
        place = np.unravel_index(int(np.argmin(np.isfinite(values))), values.shape)
        raise PolicyInputError(f"{name}{[int(index) for index in place]} is not finite")
    return values
