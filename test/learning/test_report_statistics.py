"""Skill statistics against hand-worked numbers."""

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.errors import HelmsError
from helms_learning.report.statistics import mutual_information, principal, segment_lengths, transitions, usage


def ints(*values: int) -> npt.NDArray[np.int64]:
    return np.array(values, np.int64)


def test_usage_counts_all_steps_alike() -> None:
    # 0 0 1 | 1 1 2: two, three and one of six; skill 3 never.
    np.testing.assert_allclose(usage([ints(0, 0, 1), ints(1, 1, 2)], 4), [2 / 6, 3 / 6, 1 / 6, 0.0])


def test_transitions_sticky_within_an_episode() -> None:
    # 0>0 0>1 1>0 | 2>2 2>1; from 0 to 2 nothing leads, although one episode follows the other.
    found = transitions([ints(0, 0, 1, 0), ints(2, 2, 1)], 4)
    expected = np.array([[0.5, 0.5, 0, 0], [1, 0, 0, 0], [0, 0.5, 0.5, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(found, expected)


def test_segments_end_with_the_episode() -> None:
    assert segment_lengths([ints(0, 0, 1, 0), ints(0, 0, 0), ints(4)]).tolist() == [2, 1, 1, 3, 1]


def test_skills_that_are_the_stages_by_other_names_tell_everything() -> None:
    assert mutual_information([ints(0, 0, 1, 2)], [ints(5, 5, 0, 3)]) == pytest.approx(1.0)


def test_independent_skills_tell_nothing() -> None:
    assert mutual_information([ints(0, 0, 1, 1)], [ints(1, 2, 1, 2)]) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("skills", "stages"), [((0, 0, 0), (1, 2, 3)), ((0, 1, 2), (4, 4, 4))])
def test_what_never_changes_tells_nothing(skills: tuple[int, ...], stages: tuple[int, ...]) -> None:
    assert mutual_information([ints(*skills)], [ints(*stages)]) == 0.0


def test_mutual_information_of_a_worked_example() -> None:
    # Joint: (0, 0) 1/2, (0, 1) 1/4, (1, 1) 1/4. H(skill) = 0.562335, H(stage) = ln 2, H(both) = 1.5 ln 2 = 1.039721;
    # I = 0.562335 + 0.693147 - 1.039721 = 0.215762; over the mean 0.627741: 0.343711.
    skills, stages = [ints(0, 0), ints(0, 1)], [ints(0, 0), ints(1, 1)]
    assert mutual_information(skills, stages) == pytest.approx(0.343711, abs=1e-6)
    assert mutual_information(stages, skills) == pytest.approx(0.343711, abs=1e-6)


def test_a_step_needs_a_skill_and_a_stage() -> None:
    with pytest.raises(HelmsError, match="got 3 skills and 2 stages"):
        mutual_information([ints(0, 1, 2)], [ints(0, 1)])


def test_without_a_step_there_is_nothing_to_count() -> None:
    with pytest.raises(HelmsError, match="there is no step to count; give at least one episode"):
        usage([], 3)


def test_principal_directions_of_a_cross() -> None:
    # Around (10, 20, 5): +-3 along y, +-1 along x; sums of squares 18 and 2 of 20.
    values = np.array([[10.0, 23, 5], [10, 17, 5], [11, 20, 5], [9, 20, 5]])
    points, shares = principal(values)
    np.testing.assert_allclose(shares, [0.9, 0.1])
    np.testing.assert_allclose(points, [[3, 0], [-3, 0], [0, 1], [0, -1]], atol=1e-12)


def test_principal_directions_point_to_the_positive_side() -> None:
    values = np.outer([1.0, 2.0, 4.0], [-0.6, -0.8])
    # Centred along (0.6, 0.8), whose larger component is positive: -1, -2, -4 around their mean -7/3.
    np.testing.assert_allclose(principal(values)[0][:, 0], [4 / 3, 1 / 3, -5 / 3])


@pytest.mark.parametrize("values", [np.full((4, 3), 2.0), np.array([[1.0], [3.0]])])
def test_directions_that_do_not_exist_are_zero(values: npt.NDArray[np.float64]) -> None:
    points, shares = principal(values)
    assert points.shape == (len(values), 2)
    assert shares[1] == 0.0
    assert not points[:, 1].any()
