"""Skips tests whose requirements a machine lacks; in CI nothing is skipped."""

import os

import pytest

from helms_sim.emulation import debian_ros1
from helms_sim.render.gl import ADVICE, choose_backend
from helms_sim.render.meshes import mesh_folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests whose needs this machine does not meet, with the reason; never where CI is set."""
    if os.environ.get("CI"):
        return
    missing = {}
    if not (os.environ.get("MUJOCO_GL") or os.environ.get("DISPLAY") or choose_backend()):
        missing["needs_gl"] = f"no GL library; {ADVICE}"
    if mesh_folder() is None:
        missing["needs_meshes"] = "the decorative meshes are not installed; make setup takes them from PyPI"
    wanted = any(item.get_closest_marker("needs_ros1") for item in items)
    if wanted and not os.environ.get("HELMS_REQUIRE_ROS1") and (reason := debian_ros1.missing()):
        missing["needs_ros1"] = reason
    for item in items:
        for marker, reason in missing.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
