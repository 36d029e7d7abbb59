"""ROS parameters from one frozen dataclass: declared once, with type, default, bounds and description."""

from collections.abc import Iterator
from dataclasses import Field, field, fields
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node

from helms_control.errors import HelmsError, unknown

T = TypeVar("T")

_KINDS = (bool, int, float, str)


def setting(
    default: bool | int | float | str,
    description: str,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:  # noqa: ANN401 - like dataclasses.field
    """Return a field of a settings dataclass.

    Args:
        default: value, and with it the type.
        description: one sentence with the unit, shown by `ros2 param describe`.
        low: smallest value allowed.
        high: largest value allowed.
        choices: the strings allowed; empty for any.
    """
    return field(default=default, metadata={"description": description, "low": low, "high": high, "choices": choices})


def declare(node: Node, settings: type[Any]) -> None:
    """Declare every field of a settings dataclass as a parameter.

    Raises:
        HelmsError: a value from the command line or a parameter file is of another type or out of bounds.
    """
    for item in _fields(settings):
        try:
            node.declare_parameter(item.name, item.default, descriptor(item))
        except Exception as error:
            # rclpy raises several unrelated classes here, each for a value that the user gave.
            raise HelmsError(f"parameter {item.name} of {node.get_name()}: {error}") from error


def read(node: Node, settings: type[T]) -> T:
    """Return the parameters' present values as a settings dataclass.

    Raises:
        HelmsError: a string that is none of the choices; the message lists them.
    """
    values = {item.name: node.get_parameter(item.name).value for item in _fields(settings)}
    for item in _fields(settings):
        choices = item.metadata["choices"]
        if choices and values[item.name] not in choices:
            raise unknown(f"{item.name} of node {node.get_name()}", values[item.name], choices)
    return settings(**values)


def descriptor(item: Field[Any]) -> ParameterDescriptor:
    """Return description and bounds of one field."""
    low, high, choices = (item.metadata[key] for key in ("low", "high", "choices"))
    result = ParameterDescriptor(description=item.metadata["description"])
    if choices:
        result.additional_constraints = f"one of: {', '.join(choices)}"
    if low is None and high is None:
        return result
    if isinstance(item.default, float):
        result.floating_point_range = [
            FloatingPointRange(
                from_value=float("-inf") if low is None else float(low),
                to_value=float("inf") if high is None else float(high),
            )
        ]
    else:
        result.integer_range = [
            IntegerRange(
                from_value=-(2**63) if low is None else int(low), to_value=2**63 - 1 if high is None else int(high)
            )
        ]
    return result


def _fields(settings: type[Any]) -> Iterator[Field[Any]]:
    for item in fields(settings):
        if not isinstance(item.default, _KINDS):
            raise HelmsError(f"setting {item.name} has the default {item.default!r}; allowed are bool, int, float, str")
        yield item
