"""Stack of the newest observations: the input of a policy."""

import numpy as np
import numpy.typing as npt

from helms_control.spec.contract import FRAMES
from helms_control.spec.errors import ContractError
from helms_control.spec.layout import Vector


class FrameStack:
    """Keeps the newest observations of one episode, newest first.

    Every returned array is a copy that the caller may keep or modify.
    """

    def __init__(self, layout_size: int, frames: int = FRAMES) -> None:
        """Prepare an empty stack.

        Args:
            layout_size: length of one observation.
            frames: number of observations to keep.

        Raises:
            ContractError: a size or a number of frames below 1.
        """
        if layout_size < 1 or frames < 1:
            raise ContractError(f"a frame stack needs 1 or more of both, got size {layout_size} and {frames} frames")
        self._shape = (layout_size,)
        self._stack = np.zeros((frames, layout_size), np.float32)
        self._started = False

    def reset(self, x: npt.NDArray[np.floating]) -> Vector:
        """Start an episode: the first observation (size,) fills every frame.

        Returns:
            The stack, (frames, size), newest first.

        Raises:
            ContractError: an observation of another shape.
        """
        if x.shape != self._shape:
            raise self._wrong_shape(x.shape)
        self._stack[:] = x
        self._started = True
        return self._stack.copy()

    def push(self, x: npt.NDArray[np.floating]) -> Vector:
        """Add the next observation (size,) and drop the oldest.

        Returns:
            The stack, (frames, size), newest first.

        Raises:
            ContractError: an observation of another shape, or no reset before.
        """
        if x.shape != self._shape:
            raise self._wrong_shape(x.shape)
        if not self._started:
            raise ContractError(
                "a frame stack was pushed to before its first reset; call reset(x) at the episode's start"
            )
        stack = self._stack
        stack[1:] = stack[:-1]
        stack[0] = x
        return stack.copy()

    def _wrong_shape(self, got: tuple[int, ...]) -> ContractError:
        """Build the error for an observation that does not fit."""
        return ContractError(f"expected one observation of shape {self._shape}, got {got}")
