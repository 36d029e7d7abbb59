"""Episodes of a bag: the messages between the events that start and end each one."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from helms_control.bags.reader import Bag, Message

STARTED, FINISHED = 1, 2
_OPEN = 3
"""Number of latest episodes that may still receive messages."""
EVENTS, OBSERVATION, ACTION, COMMANDED = "episode_events", "observation", "action", "commanded"


@dataclass(slots=True)
class EpisodeRecord:
    """One episode of a bag; without an end event it was cut off.

    Attributes:
        number: of the episode.
        seed: of its reset.
        driver: source of the actions.
        task: of the episode.
        object_set: of the episode.
        objects: names of the red, the green and the blue object.
        randomisation: of the episode.
        spec_hash: hash of the contract at the recording.
        ended: whether the end was recorded.
        finished: whether it ran to its end.
        success: at the last step.
        episode_return: sum of the rewards.
        steps: number of control steps, from the end event.
        reason: why it ended.
        observed: steps whose observation is in the bag.
        acted: steps whose action is in the bag.
        held: control steps in which the arm was held.
        duration_s: between first and last observation, by receipt, s.
        longest_gap_s: between two observations, by receipt, s.
        carried_out: steps whose action was executed.
        kept: decoded messages by topic and step, if requested.
        first: serialised observation of step 0.
    """

    number: int
    seed: int
    driver: str
    task: str
    object_set: str
    objects: tuple[str, ...]
    randomisation: str = ""
    spec_hash: str = ""
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
    carried_out: set[int] = field(default_factory=set)
    kept: dict[str, dict[int, Any]] = field(default_factory=lambda: defaultdict(dict))
    first: bytes = b""

    @property
    def drops(self) -> list[int]:
        """Steps whose observation is missing."""
        last = self.steps if self.ended else max(self.observed, default=-1)
        return sorted(set(range(last + 1)) - self.observed)

    def begin(self, event: Any) -> None:  # noqa: ANN401 - EpisodeEvent
        """Apply the start event."""
        self.seed, self.driver, self.task = int(event.seed), event.driver, event.task
        self.object_set, self.objects = event.object_set, tuple(event.objects)
        self.randomisation, self.spec_hash = event.randomisation, event.spec_hash

    def end(self, event: Any) -> None:  # noqa: ANN401 - EpisodeEvent
        """Apply the end event."""
        self.ended, self.finished, self.success = True, event.kind == FINISHED, bool(event.success)
        self.episode_return, self.steps, self.reason = float(event.episode_return), int(event.steps), event.reason

    def see(self, step: int, stamp_ns: int) -> None:
        """Note an observation; a repeated one changes nothing."""
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

    Events and observations are on separate topics: the first observations may precede the start event.

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
    return list(stream(messages))


def stream(messages: Iterable[Message], keep: bool = False) -> Iterator[EpisodeRecord]:
    """Yield episodes in the order in which they began, each once all its messages are through.

    Args:
        messages: in the order of their receipt.
        keep: keep the decoded messages of each step with the episode.
    """
    found: deque[EpisodeRecord] = deque()
    open_now: dict[int, EpisodeRecord] = {}
    told: set[bytes] = set()
    for message in messages:
        content, topic = message.decoded(), name_of(message.topic)
        number = int(content.episode)
        if topic == EVENTS:
            # A recorder that is restarted receives every latched event once more.
            if message.data in told:
                continue
            told.add(message.data)
        if topic == EVENTS and content.kind != STARTED:
            if number in open_now:
                open_now[number].end(content)
            continue
        if number not in open_now or _begins_again(open_now[number], topic, content, message.data):
            if topic not in (EVENTS, OBSERVATION):
                continue
            open_now[number] = EpisodeRecord(number, 0, "", "", "", ())
            found.append(open_now[number])
            # The last messages of an episode may follow the first of the next one, but none later.
            while len(found) > _OPEN:
                gone = found.popleft()
                if open_now.get(gone.number) is gone:
                    del open_now[gone.number]
                yield gone
        if topic == OBSERVATION and not int(content.step):
            open_now[number].first = message.data
        _sort_in(open_now[number], topic, content, message.stamp_ns, keep)
    yield from found


def _begins_again(record: EpisodeRecord, topic: str, content: Any, data: bytes) -> bool:  # noqa: ANN401
    """Whether a message starts another episode of the same number, because the cell was restarted.

    Its first observation may precede its start event. A message that is only repeated has the same bytes.
    """
    if topic == EVENTS:
        return record.driver != ""
    return topic == OBSERVATION and not int(content.step) and record.first not in (b"", data)


def _sort_in(record: EpisodeRecord, topic: str, content: Any, stamp_ns: int, keep: bool) -> None:  # noqa: ANN401
    if topic == EVENTS:
        record.begin(content)
        return
    step = int(content.step)
    if keep and (topic != ACTION or step not in record.kept[topic]):
        record.kept[topic][step] = content
    if topic == OBSERVATION:
        record.see(step, stamp_ns)
    elif topic == ACTION:
        record.acted.add(step)
    elif topic == COMMANDED:
        (record.held if content.held else record.carried_out).add(step)
