"""The episodes of a bag, between the events that mark their beginning and their end."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from helms_control.bags.reader import Bag, Message

STARTED, FINISHED = 1, 2
EVENTS, OBSERVATION, ACTION, COMMANDED = "episode_events", "observation", "action", "commanded"


@dataclass(slots=True)
class EpisodeRecord:
    """One episode as the bag tells it; without an end event it was cut off.

    Attributes:
        number: of the episode.
        seed: of its reset.
        driver: who moved the arm.
        task: of the episode.
        object_set: of the episode.
        objects: names of the red, the green and the blue object.
        ended: whether the end was recorded.
        finished: whether it ran to its end.
        success: at the last step.
        episode_return: sum of the rewards.
        steps: control steps run, as the end event says.
        reason: why it ended.
        observed: steps whose observation is in the bag.
        acted: steps whose action is in the bag.
        held: control steps in which the arm was told to stand still.
        duration_s: between first and last observation, by receipt, s.
        longest_gap_s: between two observations, by receipt, s.
    """

    number: int
    seed: int
    driver: str
    task: str
    object_set: str
    objects: tuple[str, ...]
    ended: bool = False
    finished: bool = False
    success: bool = False
    episode_return: float = 0.0
    steps: int = 0
    reason: str = "not ended: the recording was cut off"
    observed: set[int] = field(default_factory=set)
    acted: set[int] = field(default_factory=set)
    held: set[int] = field(default_factory=set)
    duration_s: float = 0.0
    longest_gap_s: float = 0.0
    first_ns: int = 0
    last_ns: int = 0

    @property
    def drops(self) -> list[int]:
        """Steps whose observation is missing."""
        last = self.steps if self.ended else max(self.observed, default=-1)
        return sorted(set(range(last + 1)) - self.observed)

    def end(self, event: Any) -> None:  # noqa: ANN401 - EpisodeEvent
        """Take the end event."""
        self.ended, self.finished, self.success = True, event.kind == FINISHED, bool(event.success)
        self.episode_return, self.steps, self.reason = float(event.episode_return), int(event.steps), event.reason

    def see(self, step: int, stamp_ns: int) -> None:
        """Take an observation; one that was sent again changes nothing."""
        if step in self.observed:
            return
        if self.observed:
            self.longest_gap_s = max(self.longest_gap_s, (stamp_ns - self.last_ns) * 1e-9)
        else:
            self.first_ns = stamp_ns
        self.observed.add(step)
        self.last_ns = stamp_ns
        self.duration_s = (stamp_ns - self.first_ns) * 1e-9


def read_episodes(bag: Bag) -> list[EpisodeRecord]:
    """Read all episodes of a bag, in the order in which they began.

    Events and steps travel separately, so the first observations may have been received before the beginning was told.

    Raises:
        HelmsError: the bag is damaged.
    """
    wanted = [topic for topic in bag.topics if name_of(topic) in (EVENTS, OBSERVATION, ACTION, COMMANDED)]
    return collect(bag.messages(*wanted))


def name_of(topic: str) -> str:
    """Return a topic's name without its namespace."""
    return topic.rpartition("/")[2]


def collect(messages: Iterable[Message]) -> list[EpisodeRecord]:
    """Sort messages by episode."""
    found: list[EpisodeRecord] = []
    open_now: dict[int, EpisodeRecord] = {}
    told: set[bytes] = set()
    for message in messages:
        content, topic = message.decoded(), name_of(message.topic)
        number = int(content.episode)
        if topic == EVENTS:
            # A recorder that comes back is told of every event once more.
            if message.data in told:
                continue
            told.add(message.data)
        if topic == EVENTS and content.kind != STARTED:
            if number in open_now:
                open_now[number].end(content)
            continue
        # A number that begins again (the cell was started anew) is another episode.
        again = topic == EVENTS and number in open_now and open_now[number].driver != ""
        if number not in open_now or again:
            if topic not in (EVENTS, OBSERVATION):
                continue
            open_now[number] = EpisodeRecord(number, 0, "", "", "", ())
            found.append(open_now[number])
        record = open_now[number]
        if topic == EVENTS:
            record.seed, record.driver, record.task = int(content.seed), content.driver, content.task
            record.object_set, record.objects = content.object_set, tuple(content.objects)
        elif topic == OBSERVATION:
            record.see(int(content.step), message.stamp_ns)
        elif topic == ACTION:
            record.acted.add(int(content.step))
        elif content.held:
            record.held.add(int(content.step))
    return found
