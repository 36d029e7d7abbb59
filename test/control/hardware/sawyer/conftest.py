"""Fixtures of the driver."""

import pytest

from test.control.hardware.sawyer.rig import Rig


@pytest.fixture
def rig() -> Rig:
    """A robot in order, disarmed."""
    return Rig()
