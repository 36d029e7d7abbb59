"""Sequence of episodes: consecutive seeds, object sets in rotation."""

from dataclasses import dataclass

from helms_control.errors import HelmsError


@dataclass(frozen=True, slots=True)
class Request:
    """One requested episode.

    Attributes:
        seed: of reset and demonstrator.
        task: empty for the cell's own setting; likewise below.
        object_set: 1 to 5, train, heldout, test or a triplet.
        randomisation: "off", "training" or "hard".
    """

    seed: int
    task: str = ""
    object_set: str = ""
    randomisation: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Episode i has seed `seed + i` and object set i modulo their number.

    Attributes:
        episodes: number of episodes.
        seed: of the first.
        task: of all of them.
        object_sets: used in rotation.
        randomisation: of all of them.

    Raises:
        HelmsError: a negative number, or no object set.
    """

    episodes: int
    seed: int
    task: str = ""
    object_sets: tuple[str, ...] = ("",)
    randomisation: str = ""

    def __post_init__(self) -> None:
        """Check the values."""
        if self.episodes < 0 or self.seed < 0 or not self.object_sets:
            raise HelmsError(
                f"got {self.episodes} episodes from seed {self.seed} on object sets {list(self.object_sets)}; "
                "allowed are 0 or more of both and at least one object set"
            )

    def __getitem__(self, index: int) -> Request:
        """Return the index-th request, from 0."""
        chosen = self.object_sets[index % len(self.object_sets)]
        return Request(self.seed + index, self.task, chosen, self.randomisation)


def object_sets_of(text: str) -> tuple[str, ...]:
    """Parse object sets: "4", "1..5", "1 3 5" or "train"; a triplet such as "r3,s0,b2" is one set.

    Raises:
        HelmsError: an invalid range.
    """
    found: list[str] = []
    for word in text.split():
        low, dots, high = word.partition("..")
        if not dots:
            found.append(word)
            continue
        if not (low.isdigit() and high.isdigit() and int(low) <= int(high)):
            raise HelmsError(f"object sets {word!r} are no range; write for instance 1..5")
        found += [str(number) for number in range(int(low), int(high) + 1)]
    return tuple(found) or ("",)
