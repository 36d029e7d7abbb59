"""Registration with the master, repeated after its restart."""

import threading
import time
from collections.abc import Iterable

from helms_control.errors import HelmsError
from helms_control.hardware.ros1 import threads
from helms_control.hardware.ros1.directory import Directory
from helms_control.hardware.ros1.errors import UnreachableError
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.master import Address, Master
from helms_control.hardware.ros1.problems import Problem, Problems
from helms_control.hardware.ros1.publisher import Publisher
from helms_control.hardware.ros1.service import ServiceServer
from helms_control.hardware.ros1.subscriber import Subscriber

Entry = Publisher | Subscriber | ServiceServer


class Registrar:
    """Registers a node's publishers, subscribers and services, and again after a restart of the master."""

    def __init__(
        self, master: Master, directory: Directory, address: Address, limits: Limits, problems: Problems
    ) -> None:
        """Start polling the master.

        Args:
            master: the master.
            directory: entries to register; shut down if another node takes the name.
            address: of this node.
            limits: polling period of the master, and of look-ups of publishers.
            problems: where the master's failures are counted.
        """
        self._master, self._directory, self._address = master, directory, address
        self._limits, self._problems = limits, problems
        self._known: int | None = None
        self._joined, self._rounds = False, 0
        # Serialises calls to the master; reentrant, since an error there may lead to `close` in the same thread.
        self._lock, self._quit = threading.RLock(), threading.Event()
        self._thread = threads.start("master", self._run)

    def add(self, entry: Entry) -> None:
        """Register an entry of the directory; later, if the master is unreachable."""
        with self._lock:
            before = self._rounds
            # rospy connects twice to an entry that is registered twice in quick succession.
            if self._look() and self._rounds == before:
                self._tell([entry])

    def close(self) -> None:
        """Stop polling, and unregister all entries."""
        self._quit.set()
        threads.join([self._thread], 4.0 * self._limits.connect_s)
        with self._lock:
            for entry in self._entries():
                try:
                    entry.withdraw(self._master, self._address)
                except UnreachableError:
                    return
                except HelmsError as error:
                    self._problems.report(Problem.MASTER, str(error))

    def _run(self) -> None:
        while not self._quit.wait(self._limits.poll_s):
            with self._lock:
                if self._look():
                    self._tell(self._lonely())

    def _look(self) -> bool:
        """Poll the master, and register all entries if it was restarted; return whether it is reachable."""
        if self._quit.is_set():
            return False
        try:
            running = self._master.pid()
            holder = self._master.node_uri()
        except HelmsError as error:
            self._problems.report(Problem.MASTER, str(error))
            return False
        if self._joined and holder not in (None, self._address.api):
            self._directory.shut_down(f"another node has its name now: {holder}")
            return False
        if running == self._known and (holder is not None or not self._joined):
            return True
        if self._joined and self._known is not None:
            self._problems.report(Problem.MASTER, f"{self._master.uri} was started anew; registering everything again")
        self._known = running
        self._rounds += 1
        return self._tell(self._entries())

    def _tell(self, entries: Iterable[Entry]) -> bool:
        for entry in entries:
            try:
                entry.enrol(self._master, self._address)
            except HelmsError as error:
                # All entries are registered again at the next poll.
                self._known = None
                self._problems.report(Problem.MASTER, str(error))
                return False
            self._joined = True
        self._problems.forget(Problem.MASTER)
        return True

    def _entries(self) -> list[Entry]:
        found = self._directory
        return [*found.all_publishers(), *found.all_subscribers(), *found.all_services()]

    def _lonely(self) -> list[Subscriber]:
        """Return the subscribers without connection: the update on a new publisher may have been lost."""
        before = time.monotonic() - self._limits.refused_s
        return [each for each in self._directory.all_subscribers() if each.asked < before and not each.connections]
