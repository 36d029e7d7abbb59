"""The contract between simulation, nodes, learning and driver: names, order, sizes, units, frames and ranges."""

from helms_control.spec.action import check_action, to_normalised, to_physical
from helms_control.spec.contract import (
    ACTION,
    COLOURS,
    CONTROL_HZ,
    EPISODE_STEPS,
    FRAMES,
    IMAGE_SHAPE,
    OBJECTS,
    PROPRIOCEPTION,
    SPEC,
)
from helms_control.spec.errors import ActionError, ContractError, SpecMismatchError
from helms_control.spec.field import Field
from helms_control.spec.frames import FrameStack
from helms_control.spec.layout import Layout
from helms_control.spec.spec import Spec

__all__ = [
    "ACTION",
    "COLOURS",
    "CONTROL_HZ",
    "EPISODE_STEPS",
    "FRAMES",
    "IMAGE_SHAPE",
    "OBJECTS",
    "PROPRIOCEPTION",
    "SPEC",
    "ActionError",
    "ContractError",
    "Field",
    "FrameStack",
    "Layout",
    "Spec",
    "SpecMismatchError",
    "check_action",
    "to_normalised",
    "to_physical",
]
