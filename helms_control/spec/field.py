"""One named quantity of the contract."""

import math
from dataclasses import dataclass

from helms_control.spec.errors import ContractError


@dataclass(frozen=True)
class Field:
    """A quantity that levels, nodes and driver exchange.

    Attributes:
        name: identifier, for instance "joint_angle".
        size: number of elements.
        unit: physical unit of the numbers.
        frame: coordinate frame of the numbers, for instance "base".
        description: one sentence.
        low: smallest value expected of each number, (size,), in `unit`.
        high: largest value expected of each number, (size,), in `unit`.
        paper_name: name in HeLMS, tables 3 and 4, where it differs.

    The range is that of normal operation: observations outside it are passed on unchanged. The range of an action is
    also the scale of its normalised form.

    Raises:
        ContractError: a name that is no identifier, or limits that are not `size` finite, ordered pairs.
    """

    name: str
    size: int
    unit: str
    frame: str
    description: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    paper_name: str | None = None

    def __post_init__(self) -> None:
        """Check name, size and limits."""
        if not self.name.isidentifier():
            raise ContractError(f"field name {self.name!r} must be an identifier such as 'joint_angle'")
        if self.size < 1:
            raise ContractError(f"field {self.name!r} must have a size of 1 or more, got {self.size}")
        if not len(self.low) == len(self.high) == self.size:
            raise ContractError(
                f"field {self.name!r} of size {self.size} needs as many limits, "
                f"got {len(self.low)} low and {len(self.high)} high"
            )
        for index, (low, high) in enumerate(zip(self.low, self.high, strict=True)):
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise ContractError(
                    f"field {self.name!r} needs finite limits with low < high, got {low} and {high} at index {index}"
                )

    @property
    def element_names(self) -> tuple[str, ...]:
        """One name for each number: "joint_angle[3]", or the bare name where there is only one."""
        if self.size == 1:
            return (self.name,)
        return tuple(f"{self.name}[{index}]" for index in range(self.size))
