"""Pictures are decoded on several threads: Pillow works mostly outside the interpreter's lock.

Each piece of work writes to a place of its own, so nothing depends on the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

# More threads wait for the interpreter rather than decode.
_MOST_THREADS = 8


def for_each(work: Callable[[int], None], places: Iterable[int]) -> None:
    """Do `work` for each of `places`. Errors: the first that `work` raises, by their order."""
    for _ in _threads(os.getpid()).map(work, places):
        pass


@lru_cache(maxsize=1)
def _threads(process: int) -> ThreadPoolExecutor:
    """The threads of this process; those of one that was forked are not in the fork."""
    count = min(_MOST_THREADS, os.cpu_count() or 1)
    return ThreadPoolExecutor(count, thread_name_prefix="decode")
