"""Single key presses from a terminal."""

import os
import select
import sys
import termios
import tty


class Terminal:
    """Standard input, one key at a time, without echo, until it is closed."""

    def __init__(self) -> None:
        """Switch the terminal to cbreak mode; Ctrl-C still interrupts."""
        self._file = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._file)
        tty.setcbreak(self._file)

    def pressed(self) -> str:
        """Return the keys pressed since the last call."""
        typed = b""
        while select.select([self._file], [], [], 0.0)[0]:
            read = os.read(self._file, 64)
            if not read:
                break
            typed += read
        return typed.decode(errors="ignore")

    def close(self) -> None:
        """Restore the terminal's mode."""
        termios.tcsetattr(self._file, termios.TCSADRAIN, self._before)
