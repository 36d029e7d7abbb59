"""The contract printed as a table."""

from helms_control.spec.contract import SPEC
from helms_control.spec.table import spec_table

TEXT = spec_table(SPEC)


def row(name: str) -> list[str]:
    """Return the words of the only line about one field."""
    (line,) = [line for line in TEXT.splitlines() if f" {name} " in line]
    return line.split()


def test_every_field_has_one_row() -> None:
    fields = (*SPEC.proprioception.fields, *SPEC.objects.fields, *SPEC.action.fields)
    assert [row(field.name)[1] for field in fields] == [field.name for field in fields]


def test_a_row_gives_place_unit_and_range() -> None:
    assert row("wrist_force")[:3] == ["36-38", "wrist_force", "N"]
    assert row("velocity_x")[:7] == ["0", "velocity_x", "m/s", "base", "-0.07", "..", "0.07"]


def test_columns_are_aligned() -> None:
    lines = TEXT.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("proprioception")) + 1
    column = lines[start].index("unit")
    assert {line[column - 2 : column] for line in lines[start : start + 11]} == {"  "}


def test_the_head_names_version_hash_and_timing() -> None:
    assert SPEC.version in TEXT.splitlines()[0]
    assert SPEC.hash in TEXT.splitlines()[0]
    assert "20 Hz; 400 steps per episode; images 64 x 64 x 3" in TEXT.splitlines()[1]
