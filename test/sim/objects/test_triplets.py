"""Object sets: fixed, drawn at random, and named one by one."""

from collections.abc import Sequence

import numpy as np
import pytest

from helms_control.errors import UnknownNameError
from helms_sim.objects import HELDOUT_NAMES, TEST_NAMES, TRAIN_NAMES, TRIPLETS, object_set, random_triplet


def names(value: int | str, seed: int = 0) -> tuple[str, ...]:
    """Return the names in an object set."""
    return tuple(item.name for item in object_set(value, np.random.default_rng(seed)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, ("r3", "s0", "b2")),
        (2, ("r5", "g2", "b3")),
        (3, ("r6", "g3", "b5")),
        ("4", ("s0", "g5", "b6")),
        ("5", ("r2", "g6", "s0")),
        ("r3,s0,b2", ("r3", "s0", "b2")),
        (" m67, m67 ,x2", ("m67", "m67", "x2")),
    ],
)
def test_fixed_sets(value: int | str, expected: tuple[str, ...]) -> None:
    assert names(value) == expected


def test_the_sets_use_every_test_object() -> None:
    assert {name for triplet in TRIPLETS.values() for name in triplet} == set(TEST_NAMES)


@pytest.mark.parametrize(("value", "pool"), [("train", TRAIN_NAMES), ("heldout", HELDOUT_NAMES), ("test", TEST_NAMES)])
def test_drawn_sets_come_from_their_pool(value: str, pool: Sequence[str]) -> None:
    drawn = {name for seed in range(300) for name in names(value, seed)}
    assert drawn == set(pool)


def test_a_seed_gives_the_same_triplet() -> None:
    assert names("train", 3) == names("train", 3) != names("train", 4)


def test_a_fixed_set_leaves_the_stream_alone() -> None:
    rng = np.random.default_rng(5)
    object_set(3, rng)
    assert rng.random() == np.random.default_rng(5).random()


def test_draws_are_independent_and_may_repeat() -> None:
    rng = np.random.default_rng(1)
    drawn = [random_triplet(rng, ("a", "b")) for _ in range(400)]
    share = np.unique(["".join(triplet) for triplet in drawn], return_counts=True)[1] / 400
    np.testing.assert_allclose(share, [1 / 8] * 8, atol=0.06)


@pytest.mark.parametrize("value", [0, 6, True, "trian", "", "r3,s0", "r3,s0,b2,b2"])
def test_unknown_sets_are_refused(value: int | str) -> None:
    message = "unknown object set .*; choose one of: 1, 2, .*, 5, train, heldout, test, three objects such as r3,s0,b2"
    with pytest.raises(UnknownNameError, match=message):
        names(value)


def test_unknown_objects_of_a_triplet_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown object 'r4'; choose one of: b2, "):
        names("r4,s0,b2")
