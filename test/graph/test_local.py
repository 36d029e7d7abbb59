"""Topics within one process: order, activity and errors, and the same episode as through DDS."""

from collections import deque
from collections.abc import Callable

import pytest

from helms_control.nodes.local import LocalSubscription, LocalTopics


class Tasks:
    """A queue of tasks, run by hand."""

    def __init__(self) -> None:
        """Begin empty."""
        self._tasks: deque[Callable[[], None]] = deque()

    def run(self) -> None:
        """Run tasks until none is left."""
        while self._tasks:
            self._tasks.popleft()()

    def __call__(self, task: Callable[[], None]) -> None:
        """Append a task."""
        self._tasks.append(task)


def test_messages_arrive_later_in_the_order_of_their_publication() -> None:
    tasks, got = Tasks(), list[tuple[str, int]]()
    local = LocalTopics(tasks)

    def pass_on(message: int) -> None:
        got.append(("a", message))
        local.post("/b", -message)

    local.listen("/a", pass_on)
    local.listen("/b", lambda message: got.append(("b", message)))
    local.post("/a", 1)
    local.post("/a", 2)
    assert got == []
    tasks.run()
    assert got == [("a", 1), ("a", 2), ("b", -1), ("b", -2)]


def test_a_closed_subscription_hears_nothing_more() -> None:
    tasks, got = Tasks(), list[int]()
    local = LocalTopics(tasks)
    subscription = LocalSubscription(local, "/a", got.append)
    assert local.count("/a") == 1
    subscription.close()
    local.post("/a", 1)
    tasks.run()
    assert (got, local.count("/a")) == ([], 0)


def test_an_error_of_a_callback_is_raised_where_the_graph_spins() -> None:
    tasks, got = Tasks(), list[int]()
    local = LocalTopics(tasks)

    def fail(message: int) -> None:
        raise ValueError(f"no {message}")

    local.listen("/a", fail)
    local.listen("/a", got.append)
    local.post("/a", 1)
    tasks.run()
    assert got == [1]
    with pytest.raises(ValueError, match="no 1"):
        local.check()
