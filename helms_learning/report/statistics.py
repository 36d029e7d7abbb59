"""Statistics of skills: pure functions of the skill at each step.

An episode is an array (T,) of integers: skills 0 to K - 1, or stages of the task 0 to n.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError

Integers = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]


def usage(skills: Sequence[Integers], count: int) -> Array:
    """Return the share of steps of each skill, (K,), for K = `count`."""
    chosen = _joined(skills)
    return np.asarray(np.bincount(chosen, minlength=count) / len(chosen))


def transitions(skills: Sequence[Integers], count: int) -> Array:
    """Return the transition matrix of the skills, (K, K), for K = `count`.

    Rows are previous skills; each sums to one, or to zero for a skill without a successor.
    """
    counted = np.zeros((count, count))
    for episode in skills:
        np.add.at(counted, (episode[:-1], episode[1:]), 1.0)
    total = counted.sum(1, keepdims=True)
    shares: Array = np.divide(counted, total, out=np.zeros_like(counted), where=total > 0.0)
    return shares


def segment_lengths(skills: Sequence[Integers]) -> Integers:
    """Return the lengths, in steps, of the segments of constant skill, over all episodes."""
    lengths = []
    for episode in skills:
        changes = np.flatnonzero(np.diff(episode)) + 1
        lengths.append(np.diff(np.concatenate([[0], changes, [len(episode)]])))
    return _joined(lengths)


def mutual_information(skills: Sequence[Integers], stages: Sequence[Integers]) -> float:
    """Return the normalised mutual information of skill and stage, 0 (independent) to 1 (each determines the other).

    Normalised by the mean of the two entropies; 0 where one of them is constant.

    Raises:
        HelmsError: not as many stages as skills.
    """
    chosen, reached = _joined(skills), _joined(stages)
    if len(chosen) != len(reached):
        raise HelmsError(f"got {len(chosen)} skills and {len(reached)} stages; each step needs one of both")
    counted = np.zeros((chosen.max() + 1, reached.max() + 1))
    np.add.at(counted, (chosen, reached), 1.0)
    joint = counted / counted.sum()
    entropies = _entropy(joint.sum(1)), _entropy(joint.sum(0))
    mean = 0.5 * sum(entropies)
    return max(sum(entropies) - _entropy(joint.ravel()), 0.0) / mean if min(entropies) > 0.0 else 0.0


def principal(values: Array) -> tuple[Array, Array]:
    """Return the projection onto the first two principal components, and the explained variance.

    Args:
        values: (N, Z).

    Returns:
        Points (N, 2) and shares of the variance (2,). The largest component of each direction is positive, so that the
        same values give the same picture. Missing components are zero.
    """
    centred = values - values.mean(0)
    _, widths, directions = np.linalg.svd(centred, full_matrices=False)
    directions = directions * np.sign(directions[np.arange(len(directions)), np.abs(directions).argmax(1)])[:, None]
    total = float((widths**2).sum())
    points, shares = np.zeros((len(values), 2)), np.zeros(2)
    found = min(2, len(widths))
    points[:, :found] = centred @ directions[:found].T
    if total > 0.0:
        shares[:found] = widths[:found] ** 2 / total
    return points, shares


def _entropy(shares: Array) -> float:
    used = shares[shares > 0.0]
    return float(-(used * np.log(used)).sum())


def _joined(episodes: Sequence[Integers]) -> Integers:
    if not sum(len(episode) for episode in episodes):
        raise HelmsError("there is no step to count; give at least one episode")
    return np.concatenate([np.asarray(episode, np.int64) for episode in episodes])
