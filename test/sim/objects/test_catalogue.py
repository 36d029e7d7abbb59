"""The catalogue: objects by name, and their other sizes."""

import math

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.errors import HelmsError, UnknownNameError
from helms_sim.objects import ALL_NAMES, HELDOUT_NAMES, TEST_NAMES, TRAIN_NAMES, rgb_object
from helms_sim.objects.published import HELDOUT, TEST, TRAIN


def test_names_are_the_published_ones(published: dict[str, npt.NDArray[np.float64]]) -> None:
    assert sorted(" ".join((TEST, TRAIN, HELDOUT)).split()) == sorted(published)
    assert len(set(ALL_NAMES)) == 152


def test_objects_of_the_object_sets() -> None:
    assert set(TEST_NAMES) == {"s0", *(colour + axis for colour in "rgb" for axis in "2356")}


def test_objects_to_train_on_lie_between_two_axes() -> None:
    assert len(TRAIN_NAMES) == 103
    axes = {"23", "25", "26", "35", "36", "37", "38", "56", "57", "58", "67"}
    assert {name[1:] for name in TRAIN_NAMES} == axes


def test_objects_held_out_lie_on_one_axis() -> None:
    assert len(HELDOUT_NAMES) == 36
    assert {name[1:] for name in HELDOUT_NAMES} == set("2356")
    assert not set(HELDOUT_NAMES) & set(TEST_NAMES)


def test_an_object_is_built_once_and_not_changed_by_accident() -> None:
    assert rgb_object("r3") is rgb_object("r3")
    with pytest.raises(ValueError, match="read-only"):
        rgb_object("r3").vertices[0, 0] = 1.0


def test_an_unknown_name_lists_every_object() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown object 'r33'; choose one of: b2, .*, y6\. Did you mean"):
        rgb_object("r33")


def test_scaled_multiplies_every_length() -> None:
    cube = rgb_object("b5")
    larger = cube.scaled(1.05)
    assert (larger.name, larger.shape.scale_mm) == ("b5", (52.5, 52.5, 52.5))
    np.testing.assert_allclose(larger.vertices, 1.05 * cube.vertices)


def test_objects_of_other_sizes_are_other_objects() -> None:
    assert rgb_object("s0").scaled(1.0) == rgb_object("s0")
    assert rgb_object("s0").scaled(1.01) != rgb_object("s0")


@pytest.mark.parametrize("factor", [0.0, -1.0, math.nan, math.inf])
def test_a_size_factor_is_positive(factor: float) -> None:
    with pytest.raises(HelmsError, match="a size factor must be a finite number > 0; got"):
        rgb_object("s0").scaled(factor)
