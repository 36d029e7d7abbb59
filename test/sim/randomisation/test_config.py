"""Ranges of randomisation: refusals, and the order of the presets."""

from collections import Counter
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from helms_control.errors import HelmsError
from helms_sim.randomisation import Physics, Randomisation, randomisation

SATURATED = {"action_delay"}
"""Fields in which `hard` is no wider than `training`, because training uses all that is allowed."""


@pytest.mark.parametrize(
    ("field", "bounds", "message"),
    [
        ("object_mass", 1.0, r"object_mass is 1.0; it must be a tuple of two plain numbers"),
        ("object_mass", (0.8, 1.0, 1.2), r"object_mass is \(0.8, 1.0, 1.2\); it must be a tuple of two"),
        ("object_mass", [0.8, 1.2], r"object_mass is \[0.8, 1.2\]; it must be a tuple of two"),
        ("arm_gain", ("low", "high"), r"arm_gain is \('low', 'high'\); it must be a tuple of two plain numbers"),
        ("action_delay", (False, True), r"action_delay is \(False, True\); it must be a tuple of two plain numbers"),
        ("object_mass", (0.0, 1.0), r"object_mass is \(0.0, 1.0\); a mass must be above 0"),
        ("object_size", (1.0, 1.06), r"object_size is \(1.0, 1.06\); allowed is 0.95 to 1.05"),
        ("action_delay", (0.0, 2.0), r"action_delay is \(0.0, 2.0\); .* whole control steps, allowed is 0 to 2"),
        ("action_delay", (-1, 1), r"action_delay is \(-1, 1\); allowed is 0 to 2"),
        ("noise", (-0.5, 1.0), r"noise is \(-0.5, 1.0\); allowed is 0 to inf"),
        ("joint_friction", (0.0, float("inf")), r"joint_friction is \(0.0, inf\); it must be finite"),
    ],
)
def test_what_is_no_range_is_refused(field: str, bounds: object, message: str) -> None:
    wrong: dict[str, Any] = {field: bounds}
    with pytest.raises(HelmsError, match=message):
        Randomisation(**wrong)


def test_every_range_is_drawn_under_its_own_name() -> None:
    assert [field.name for field in fields(Randomisation)] == [field.name for field in fields(Physics)]


@pytest.mark.parametrize("field", [field.name for field in fields(Randomisation)])
def test_hard_contains_training_and_training_the_nominal_cell(field: str) -> None:
    off, training, hard = (getattr(randomisation(name), field) for name in ("off", "training", "hard"))
    assert hard[0] <= training[0] <= off[0] == off[1] <= training[1] <= hard[1]
    assert training != off
    assert (hard == training) is (field in SATURATED)


def test_all_three_delays_are_drawn_equally_often() -> None:
    rng, ranges = np.random.default_rng(0), randomisation("training")
    counts = Counter(ranges.draw(rng).action_delay for _ in range(3000))
    assert set(counts) == {0, 1, 2}
    # Four standard deviations of a binomial count with n = 3000 and p = 1/3 are 103.
    assert all(abs(count - 1000) < 103 for count in counts.values())


def test_a_range_of_one_is_drawn_exactly() -> None:
    ranges = Randomisation(object_mass=(1.25, 1.25), force_bias=(-0.3, -0.3), action_delay=(2, 2))
    drawn = ranges.draw(np.random.default_rng(1))
    assert drawn == Physics(object_mass=(1.25,) * 3, force_bias=(-0.3,) * 3, action_delay=2)
    assert not drawn.neutral
