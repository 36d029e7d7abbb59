"""Work on all cores; the results do not depend on the number of workers."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def in_order(
    function: Callable[[Job], Result], jobs: Iterable[Job], count: int, workers: int | None = None
) -> Iterator[Result]:
    """Yield the results of jobs in their order.

    Args:
        function: of a module, called in processes of their own, or here with one worker.
        jobs: that can be pickled.
        count: number of jobs.
        workers: processes; by default one for each core.
    """
    workers = min(workers if workers is not None else os.cpu_count() or 1, count)
    if workers == 1:
        yield from map(function, jobs)
        return
    # Not fork: the caller may hold a GL context.
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(function, jobs, chunksize=1)
