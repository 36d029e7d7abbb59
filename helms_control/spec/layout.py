"""Layout of fields in a flat vector."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from helms_control.spec.errors import ContractError
from helms_control.spec.field import Field

Array = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float32]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Layout:
    """Fields one after another in a vector of `size` numbers.

    Attributes:
        fields: the fields, in the order of the vector.

    Raises:
        ContractError: no field, or two of the same name.
    """

    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        """Refuse an empty layout and duplicate names."""
        names = [field.name for field in self.fields]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if not names or repeated:
            raise ContractError(f"a layout needs fields with names of their own, got {names}; repeated: {repeated}")

    @cached_property
    def size(self) -> int:
        """Length of the vector."""
        return sum(field.size for field in self.fields)

    @cached_property
    def slices(self) -> Mapping[str, slice]:
        """Slice of each field in the vector, by name."""
        ends = np.cumsum([field.size for field in self.fields]).tolist()
        return {field.name: slice(end - field.size, end) for field, end in zip(self.fields, ends, strict=True)}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each of the `size` numbers, for instance "joint_angle[3]"."""
        return tuple(name for field in self.fields for name in field.element_names)

    @cached_property
    def low(self) -> Array:
        """Smallest values expected, (size,), in the fields' units; read-only."""
        return _frozen([value for field in self.fields for value in field.low])

    @cached_property
    def high(self) -> Array:
        """Largest values expected, (size,), in the fields' units; read-only."""
        return _frozen([value for field in self.fields for value in field.high])

    def pack(self, values: Mapping[str, npt.ArrayLike]) -> Vector:
        """Write the fields one after another.

        Args:
            values: by field name, an array (field.size,) in the field's unit; or a scalar where size is 1.

        Returns:
            A new vector (size,), float32.

        Raises:
            ContractError: a field is missing, unknown, of the wrong length, not numeric or not finite in float32.
        """
        if values.keys() != self.slices.keys():
            raise self._wrong_names(values)
        vector = np.empty(self.size, np.float32)
        with np.errstate(over="ignore"):  # reported below, with the name of the number
            for field in self.fields:
                vector[self.slices[field.name]] = _checked(field, values[field.name])
        finite = np.isfinite(vector)
        if not finite.all():
            bad = int(np.argmin(finite))
            raise ContractError(
                f"{self.names[bad]} is {vector[bad]} in float32, but every observation must be finite; "
                "look at the sensor or the simulation that reports it"
            )
        return vector

    def unpack(self, vector: npt.NDArray[Scalar]) -> dict[str, npt.NDArray[Scalar]]:
        """Split vectors into named fields.

        Args:
            vector: array (..., size).

        Returns:
            By field name, a view (..., field.size); writing to it writes to `vector`.

        Raises:
            ContractError: the last axis is not `size` long.
        """
        if vector.ndim == 0 or vector.shape[-1] != self.size:
            raise ContractError(f"expected an array of shape (..., {self.size}), got {vector.shape}")
        return {name: vector[..., where] for name, where in self.slices.items()}

    def _wrong_names(self, values: Mapping[str, npt.ArrayLike]) -> ContractError:
        """Build the error for fields that are missing or unknown."""
        missing = [name for name in self.slices if name not in values]
        extra = sorted(set(values) - set(self.slices))
        return ContractError(f"missing fields: {missing}, unknown fields: {extra}; expected: {', '.join(self.slices)}")


def _frozen(values: list[float]) -> Array:
    """Return a read-only float64 array."""
    array = np.array(values, np.float64)
    array.setflags(write=False)
    return array


def _checked(field: Field, value: npt.ArrayLike) -> npt.NDArray[np.generic]:
    """Return the value as an array of exactly its field's shape; numpy would broadcast any other."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ContractError(f"field {field.name!r} is not an array of numbers: {error}") from error
    if array.dtype.kind not in "fiub":
        raise ContractError(f"field {field.name!r} must be numeric, got {array.dtype} ({value!r})")
    if array.shape != (field.size,) and not (field.size == 1 and array.shape == ()):
        raise ContractError(f"field {field.name!r} must have shape ({field.size},), got {array.shape}")
    return array
