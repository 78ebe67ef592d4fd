"""How many threads a step uses: all that it may, or one where that is faster.

Threads wait for one another many times a step. Where other work keeps a core busy, each wait may
last as long as that work is let run, and a step on all threads takes longer than on one. Which
number is faster is tried out now and then; results do not depend on it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from statistics import median
from types import TracebackType

from numba import get_num_threads, set_num_threads

# Steps of the other kind when it is tried, the first of which does not count: caches are cold.
TRIED = 4
# Steps between two trials: at first, and at most. The more often a choice was right, the more.
FIRST_WAIT, MOST_WAIT = 32, 1024
# A trial has to be this much faster to be followed; steps this much slower than before are a reason
# for a trial.
_FASTER, _SLOWER = 0.95, 1.5


class Pace:
    """Surrounds each step (`with pace:`), takes its time, and sets the threads for it."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begin with all threads."""
        self._clock = clock
        self._most = 0
        self._forget()

    def _forget(self) -> None:
        """Nothing is known of steps on so many threads."""
        self.alone = False
        """Whether steps use one thread."""
        self._wait = self._left = FIRST_WAIT
        self._trying = 0
        self._usual_s = 0.0
        self._recent: deque[float] = deque(maxlen=TRIED)
        self._tried: list[float] = []

    def __enter__(self) -> None:
        """A step begins."""
        most = get_num_threads()
        if most != self._most:
            self._most = most
            self._forget()
        if self.alone != bool(self._trying):
            set_num_threads(1)
        self._began = self._clock()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """It has ended; whoever comes next has the threads as before."""
        took = self._clock() - self._began
        set_num_threads(self._most)
        if self._most == 1 or kind is not None:
            return
        if self._trying:
            self._tried.append(took)
            self._trying -= 1
            if not self._trying:
                self._decide()
            return
        self._recent.append(took)
        self._left -= 1
        if self._left <= 0 or self._is_slow():
            self._trying = TRIED

    def _is_slow(self) -> bool:
        full = len(self._recent) == TRIED
        return full and 0 < _SLOWER * self._usual_s < min(self._recent)

    def _decide(self) -> None:
        """Go on as it was tried, or as before."""
        now, other = median(self._recent), median(self._tried[1:])
        if other < _FASTER * now:
            self.alone = not self.alone
            self._wait = FIRST_WAIT
            self._usual_s = other
        else:
            self._wait = min(2 * self._wait, MOST_WAIT)
            self._usual_s = now
        self._left = self._wait
        self._recent.clear()
        self._tried.clear()
