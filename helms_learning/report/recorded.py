"""Recorded episodes of a policy, from a bag."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.bags import EpisodeRecord, open_bag
from helms_control.bags.episodes import EVENTS, OBSERVATION, name_of, stream
from helms_control.errors import HelmsError
from helms_learning.report.episode import Played
from helms_learning.report.play import SIZE
from helms_sim.episode import EpisodeConfig
from helms_sim.mirror import Mirror
from helms_sim.pictures import Pictures

SKILL, LATENT, PROGRESS, STATE = "skill", "latent", "progress", "cell_state"
_TOPICS = (EVENTS, OBSERVATION, SKILL, LATENT, PROGRESS)


class Recorded:
    """Finished episodes of a bag.

    Attributes:
        bag: its folder.
        episodes: in the order in which they began.
        task: of all of them.
        driver: of all of them; name of the bundle.
        skills: K.
        missed: number of control steps without skill or latent, filled with the previous values.
    """

    def __init__(self, bag: Path) -> None:
        """Read a bag.

        Raises:
            HelmsError: no skills, no finished episode, several tasks or drivers; or the bag was not closed, or is
                damaged.
        """
        self.bag, self.skills, self.missed = bag, 0, 0
        self._records: list[EpisodeRecord] = []
        episodes = []
        with open_bag(bag) as opened:
            topics = [topic for topic in opened.topics if name_of(topic) in _TOPICS]
            spoken = {name_of(topic) for topic in topics if opened.topics[topic][1]}
            skilled = {SKILL, LATENT} <= spoken
            for record in stream(opened.messages(*topics), keep=skilled):
                if record.finished:
                    self._records.append(record)
                    episodes += [self._played(record)] if skilled else []
                record.kept.clear()
        self.episodes = tuple(episodes)
        self.task, self.driver = self._only_one(skilled)

    def photograph(self, episode: Played, steps: Sequence[int]) -> list[npt.NDArray[np.uint8]]:
        """Return pictures (480, 640, 3) uint8, one after each of these control steps, from 0.

        Raises:
            HelmsError: the bag contains no states of the cell.
            NoGlError: no GL library; the message names the packages to install.
        """
        record, mirror, studio, taken = self._records[episode.index], Mirror(), Pictures(), {}
        mirror.begin(EpisodeConfig(record.task, record.object_set, record.randomisation), record.seed)
        try:
            for state in self._states(record):
                if state.step - 1 in steps:
                    mirror.show(state.qpos, state.qvel, state.act, state.ctrl)
                    taken[state.step - 1] = studio.take(mirror.episode.triplet, mirror.cell.data, "main", *SIZE)
        finally:
            studio.close()
        missing = sorted(set(steps) - taken.keys())
        if missing:
            raise HelmsError(f"{self.bag} holds no {STATE} of steps {missing}; only simulated episodes can be drawn")
        return [taken[step] for step in steps]

    def _only_one(self, skilled: bool) -> tuple[str, str]:
        tasks = sorted({record.task for record in self._records})
        drivers = sorted({record.driver for record in self._records})
        if not skilled:
            raise HelmsError(
                f"{self.bag} holds no skills: it was driven by {', '.join(drivers) or 'nobody'}; record a policy with "
                "helms record --policy policies/NAME"
            )
        if not tasks:
            raise HelmsError(
                f"{self.bag} holds no episode that ran to its end; look at it with helms bag info {self.bag}"
            )
        if len(tasks) > 1 or len(drivers) > 1:
            raise HelmsError(
                f"{self.bag} holds the tasks {', '.join(tasks)} and the drivers {', '.join(drivers)}; a report is "
                "about one policy at one task"
            )
        return tasks[0], drivers[0]

    def _states(self, record: EpisodeRecord) -> list[Any]:
        with open_bag(self.bag) as opened:
            topics = [topic for topic in opened.topics if name_of(topic) == STATE]
            states = (message.decoded() for message in opened.messages(*topics)) if topics else ()
            return [state for state in states if (state.episode, state.seed) == (record.number, record.seed)]

    def _played(self, record: EpisodeRecord) -> Played:
        said, meant, told = (record.kept[name] for name in (SKILL, LATENT, PROGRESS))
        silent = [step for step in range(record.steps) if step not in said or step not in meant]
        untold = [step for step in range(1, record.steps + 1) if step not in told]
        if untold or len(silent) == record.steps:
            raise HelmsError(
                f"{self.bag}, episode {record.number}: no progress at {len(untold)} and no skill at {len(silent)} of "
                f"{record.steps} steps; look at it with helms bag check {self.bag}"
            )
        self.missed += len(silent)
        self.skills = max(self.skills, *(len(message.probabilities) for message in said.values()))
        heard = np.array([step for step in range(record.steps) if step not in set(silent)])
        # A step without a message uses the previous one.
        last = heard[np.maximum(np.searchsorted(heard, np.arange(record.steps), side="right") - 1, 0)].tolist()
        after = range(1, record.steps + 1)
        return Played(
            record.object_set,
            record.seed,
            len(self._records) - 1,
            record.success,
            np.array([said[step].skill for step in last], np.int64),
            np.array([meant[step].latent for step in last], np.float64),
            np.array([told[step].stage for step in after], np.int64),
            np.array([told[step].reward for step in after], np.float64),
            np.array([told[step].success for step in after], np.bool_),
        )
