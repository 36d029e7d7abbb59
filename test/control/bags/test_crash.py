"""No finished episode is lost, at whatever file operation a recorder or a repair dies."""

import pytest

from test.support.crash_points import KINDS, try_kind


@pytest.mark.parametrize("name", KINDS)
def test_no_finished_episode_is_lost_at_any_crash_point(name: str) -> None:
    row = try_kind(name, every=5)
    assert row.problems == []
    assert row.lost == 0
    assert row.points > 10
