"""Which bodies touch: every contact is looked up in a table of bits, and the bits are joined."""

import numpy as np
import numpy.typing as npt

from helms_sim.cell.cell import Cell
from helms_sim.scene.names import BLUE, GREEN, LEFT_FINGER, RED, RIGHT_FINGER, ROBOT

RED_GREEN, RED_BLUE, GREEN_BLUE, ROBOT_RED, ROBOT_GREEN, ROBOT_BLUE, LEFT_GRIP, RIGHT_GRIP = (1 << i for i in range(8))
"""Bits of `touches`: pairs of objects, robot and object, fingertip and anything."""


def _table() -> npt.NDArray[np.int64]:
    table = np.zeros((ROBOT + 1, ROBOT + 1), dtype=np.int64)
    for bit, first, second in ((RED_GREEN, RED, GREEN), (RED_BLUE, RED, BLUE), (GREEN_BLUE, GREEN, BLUE)):
        table[first, second] |= bit
    for bit, item in ((ROBOT_RED, RED), (ROBOT_GREEN, GREEN), (ROBOT_BLUE, BLUE)):
        table[item, [LEFT_FINGER, RIGHT_FINGER, ROBOT]] |= bit
    for bit, finger in ((LEFT_GRIP, LEFT_FINGER), (RIGHT_GRIP, RIGHT_FINGER)):
        table[finger, :LEFT_FINGER] |= bit
    both: npt.NDArray[np.int64] = table | table.T
    return both


_TABLE = _table()


def touches(cell: Cell) -> int:
    """Return the bits of everything that is in contact now."""
    kinds = cell.names.kind[cell.data.contact.geom]
    return int(np.bitwise_or.reduce(_TABLE[kinds[:, 0], kinds[:, 1]]))
