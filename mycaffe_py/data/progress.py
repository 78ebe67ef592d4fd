"""Shows how far a long job is: a bar on a terminal, elsewhere a line from time to time.

Both go to standard error. Into a file a bar would write a line that never ends.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TypeVar

from tqdm import tqdm

from mycaffe_py.data.plural import plural
from mycaffe_py.notices import is_hushed

Item = TypeVar("Item")

# What ends sooner is told by its result alone; what takes long is told about less and less often.
EVERY_S = 10.0
_OF_THE_TIME = 0.1


class Progress:
    """`total` units of work (None: nobody knows), of which `done` were there at the start.

    A context manager; `update` is told how many more are done.
    """

    def __init__(
        self,
        total: int | None,
        unit: str,
        what: str = "",
        *,
        done: int = 0,
        leave: bool = True,
        every_s: float = EVERY_S,
    ) -> None:
        """Nothing is shown before the first `update`, or on a terminal the empty bar."""
        self.total, self.unit, self.what, self.done = total, unit, what, done
        self._every_s = every_s
        self._hushed = is_hushed()
        self._start = self._last = time.monotonic()
        self._bar = tqdm(
            total=total,
            initial=done,
            unit=unit,
            desc=what or None,
            disable=self._hushed or None,
            leave=leave,
        )

    def __enter__(self) -> Progress:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the bar, which stays on the terminal unless `leave` is False."""
        self._bar.close()

    def update(self, count: int = 1) -> None:
        """Count `count` more units as done."""
        self.done += count
        if self._hushed:
            return
        if not self._bar.disable:
            self._bar.update(count)
            return
        now = time.monotonic()
        if now - self._last >= max(self._every_s, _OF_THE_TIME * (now - self._start)):
            self._last = now
            print(self._line(now - self._start), file=sys.stderr, flush=True)

    def over(self, items: Iterable[Item]) -> Iterator[Item]:
        """The `items`, each of which counts as a unit once the next one is asked for."""
        for item in items:
            yield item
            self.update()

    def _line(self, seconds: float) -> str:
        what = f"{self.what}: " if self.what else ""
        number = self.done if self.total is None else self.total
        of = "" if self.total is None else f" of {self.total:,}"
        took = f"{int(seconds) // 60}:{int(seconds) % 60:02}"
        return f"{what}{self.done:,}{of} {plural(number, self.unit)}, {took} min"
