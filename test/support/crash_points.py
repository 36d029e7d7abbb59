"""Every crash point of recording, finishing, resuming and repairing a bag.

Run alone, `python -m test.support.crash_points --every 1`, it prints a table; the test takes a sample of the points. At
each point the process dies, in one run by a kill and in one by a loss of power; then the bag is repaired, in some runs
with a second death at each point of the repair, and every episode that had been reported finished must be there.
"""

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from helms_control.bags import BagWriter, check_bag, open_bag, read_episodes, repair
from helms_control.bags.layout import partial_of
from helms_control.errors import HelmsError
from test.control.bags.messages import episode
from test.support.crash import run_until

SPLIT = 12_000
STEPS = 4
Work = Callable[[Path, Path], None]


@dataclass
class Row:
    """What came of one kind of work.

    Attributes:
        points: file operations in it.
        tried: deaths, second ones included.
        lost: finished episodes that were not there afterwards.
        problems: where and what.
    """

    points: int = 0
    tried: int = 0
    lost: int = 0
    problems: list[str] = field(default_factory=list)


def record(bag: Path, log: Path, first: int = 1, count: int = 3, resume: bool = False) -> None:
    """Record episodes; the number of each that is finished goes into a log that no death takes away."""
    writer = BagWriter(bag, split_bytes=SPLIT, resume=resume)
    for number in range(first, first + count):
        episode(writer, number, STEPS)
        note(log, number)
    writer.close()


def note(log: Path, number: int) -> None:
    """Append a number."""
    handle = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.write(handle, f"{number}\n".encode())
    os.close(handle)


def interrupted(bag: Path, log: Path) -> None:
    """A recording killed in its third episode."""
    writer = BagWriter(bag, split_bytes=SPLIT)
    for number in (1, 2):
        episode(writer, number, STEPS)
        note(log, number)
    episode(writer, 3, STEPS, end=False)
    writer.abort()


def torn(bag: Path, log: Path) -> None:
    """A finished bag, the last file of which was cut short at the end."""
    record(bag, log)
    path = sorted(bag.glob("*.mcap"))[-1]
    os.truncate(path, path.stat().st_size - 100)


def renamed(bag: Path, log: Path) -> None:
    """A finished bag without metadata, a file of which has another name."""
    record(bag, log)
    (bag / "bag_0.mcap").rename(bag / "mine.mcap")
    os.truncate(bag / "mine.mcap", (bag / "mine.mcap").stat().st_size - 30)


def resumed(bag: Path, log: Path) -> None:
    """A recorder that comes back and records another episode."""
    record(bag, log, first=4, count=1, resume=True)


KINDS: dict[str, tuple[Work, Work]] = {
    "record and finish": (lambda bag, log: None, record),
    "repair a recording": (interrupted, lambda bag, log: mend(bag)),
    "repair a torn bag": (torn, lambda bag, log: mend(bag)),
    "repair a bag with a renamed and torn file": (renamed, lambda bag, log: mend(bag)),
    "resume and finish": (interrupted, resumed),
}


def mend(bag: Path) -> None:
    """Repair whichever of recording and bag is there."""
    if partial_of(bag).exists():
        repair(partial_of(bag))
    elif bag.exists() and check_bag(bag):
        repair(bag)


def try_kind(name: str, every: int) -> Row:
    """Die at every `every`-th point of a kind of work, and at every `every`-th of the repair that follows."""
    prepare, work = KINDS[name]
    row = Row()
    with tempfile.TemporaryDirectory() as place:
        start, log = Path(place) / "start", Path(place) / "log"
        start.mkdir()
        prepare(start / "bag", log)
        log.touch()
        before = log.read_bytes()
        row.points = _run(0, work, start, Path(place) / "whole", log) or 0
        for at in range(1, row.points + 1, every):
            for power in (False, True):
                log.write_bytes(before)
                died = Path(place) / f"died_{at}_{power}"
                _run(at, work, start, died, log, power)
                row.tried += 1
                _second(row, died, log, at, power, every)
                _judge(row, died, log, f"{at}")
                shutil.rmtree(died)
    return row


def _run(at: int, work: Work, start: Path, place: Path, log: Path, power: bool = False) -> int | None:
    shutil.copytree(start, place)
    return run_until(at, lambda: work(place / "bag", log), power)


def _second(row: Row, died: Path, log: Path, at: int, power: bool, every: int) -> None:
    """Die again, at every point of the repair."""
    again = 0
    while True:
        again += every if again else 1
        place = died.with_name(f"{died.name}_{again}")
        shutil.copytree(died, place)
        ended = run_until(again, lambda place=place: _mend_or_say(place / "bag"), power)  # type: ignore[misc]
        if ended is None:
            row.tried += 1
            _judge(row, place, log, f"{at}, then {again}")
        shutil.rmtree(place)
        if ended is not None:
            return


def _mend_or_say(bag: Path) -> None:
    try:
        mend(bag)
    except HelmsError as error:
        if "holds no" not in str(error):
            raise


def _judge(row: Row, place: Path, log: Path, where: str) -> None:
    bag, finished = place / "bag", {int(line) for line in log.read_text().split()}
    found: set[int] = set()
    try:
        _mend_or_say(bag)
        if bag.exists():
            with open_bag(bag) as opened:
                found = {r.number for r in read_episodes(opened) if r.finished and not r.drops}
    except HelmsError as error:
        row.problems.append(f"{where}: {error}")
    if finished - found:
        row.lost += len(finished - found)
        row.problems.append(f"{where}: lost {sorted(finished - found)} of {sorted(finished)}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="try every so manieth point")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = {name: try_kind(name, given.every) for name in KINDS}
    if given.json:
        print(json.dumps({name: vars(row) for name, row in rows.items()}))
        return
    print(f"{'work':44s} points  deaths  episodes lost")
    for name, row in rows.items():
        print(f"{name:44s} {row.points:6d}  {row.tried:6d}  {row.lost:13d}")
        for problem in row.problems:
            print(f"    {problem}")


if __name__ == "__main__":
    main()
