"""The contract as a plain-text table."""

from helms_control.spec.field import Field
from helms_control.spec.layout import Layout
from helms_control.spec.spec import Spec

HEADER = ("index", "field", "unit", "frame", "range", "description")


def spec_table(spec: Spec) -> str:
    """Return the whole contract as aligned plain text, one line per field."""
    parts = {
        f"proprioception ({spec.proprioception.size})": spec.proprioception,
        f"objects ({spec.objects.size})": spec.objects,
        f"action ({spec.action.size}), normalised to [-1, 1] by these ranges": spec.action,
    }
    height, width, channels = spec.image_shape
    lines = [
        f"helms spec {spec.version}, sha256 {spec.hash}",
        f"{spec.frames} frames newest first; {spec.control_hz} Hz; {spec.episode_steps} steps per episode; "
        f"images {height} x {width} x {channels} uint8; objects {', '.join(spec.colours)}",
    ]
    for title, layout in parts.items():
        lines += ["", title, *_aligned([HEADER, *_rows(layout)])]
    return "\n".join(lines)


def _rows(layout: Layout) -> list[tuple[str, ...]]:
    """Return one row of cells per field."""
    rows: list[tuple[str, ...]] = []
    for field in layout.fields:
        where = layout.slices[field.name]
        place = str(where.start) if field.size == 1 else f"{where.start}-{where.stop - 1}"
        rows.append((place, field.name, field.unit, field.frame, _range(field), field.description))
    return rows


def _range(field: Field) -> str:
    """Return the range of a field, where all of its numbers share one."""
    limits = set(zip(field.low, field.high, strict=True))
    if len(limits) > 1:
        return "see --json"
    low, high = limits.pop()
    return f"{low:g} .. {high:g}"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Pad every column but the last to its widest cell."""
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    return [
        "  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]
