"""Fixtures of the safety layer."""

import pytest

from helms_control.safety.layer import SafetyLayer
from helms_control.safety.limits import SafetyLimits
from test.control.safety.arm import Arm


@pytest.fixture(scope="session")
def arm() -> Arm:
    return Arm()


@pytest.fixture
def layer() -> SafetyLayer:
    """A layer at full speed, to see the limits rather than the scale."""
    layer = SafetyLayer(SafetyLimits())
    layer.set_speed_scale(1.0)
    return layer
