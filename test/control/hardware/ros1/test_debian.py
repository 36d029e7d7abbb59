"""The error where the distribution's ROS 1 is missing."""

from pathlib import Path

import pytest

from helms_control.errors import HelmsError
from helms_sim.emulation import debian_ros1
from test.support.rospy_node import RospyPeer


@pytest.mark.parametrize("python", ["/nowhere/python3", "/bin/false"])
def test_what_is_missing_is_named_and_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, python: str
) -> None:
    monkeypatch.setattr(debian_ros1, "PYTHON", python)
    debian_ros1.missing.cache_clear()
    try:
        reason = debian_ros1.missing()
        assert reason is not None
        assert f"no ROS 1 of the distribution in {python}" in reason
        assert "sudo apt-get install --no-install-recommends python3-rosmaster python3-rospy" in reason
        with pytest.raises(HelmsError, match="no ROS 1 of the distribution"):
            debian_ros1.Rosmaster(tmp_path)
        with pytest.raises(HelmsError, match="no ROS 1 of the distribution"):
            RospyPeer("/x", "http://127.0.0.1:1", tmp_path)
    finally:
        debian_ros1.missing.cache_clear()
