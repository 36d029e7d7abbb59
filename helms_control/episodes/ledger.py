"""JSON Lines file of episode outcomes, from which an interrupted series resumes."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from helms_control.durable import write_text
from helms_control.episodes.schedule import Request
from helms_control.episodes.tally import Outcome
from helms_control.errors import HelmsError


class Ledger:
    """Appends outcomes to a JSON Lines file; an incomplete last line, left by a crash, is dropped on opening.

    Attributes:
        outcomes: of the episodes so far.
    """

    def __init__(self, path: Path | None) -> None:
        """Open a ledger.

        Args:
            path: the file, created with its folder where missing; None to keep outcomes in memory only.

        Raises:
            HelmsError: a line of the file is no outcome.
        """
        self._path = path
        self.outcomes: list[Outcome] = []
        if path is not None and path.exists():
            self._read(path)

    def add(self, request: Request, outcome: Outcome) -> None:
        """Append an episode and sync it to disk."""
        self.outcomes.append(outcome)
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a") as file:
            file.write(json.dumps({"request": asdict(request), "outcome": asdict(outcome)}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self, path: Path) -> None:
        text = path.read_text()
        whole = text[: text.rfind("\n") + 1]
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                self.outcomes.append(Outcome(**json.loads(line)["outcome"]))
            except (ValueError, KeyError, TypeError) as error:
                raise HelmsError(
                    f"line {number} of {path} is no outcome of an episode ({error}); name another file for results"
                ) from error
        if whole != text:
            write_text(path, whole)
