"""A stop watch for scripts."""

from __future__ import annotations

import time


class Timer:
    """`start()`, `stop()`, then `ms`; before the first `stop` it tells the time so far."""

    def __init__(self) -> None:
        self._start_s: float | None = None
        self._stop_s: float | None = None

    def start(self) -> None:
        """Start to take the time, from 0."""
        self._start_s = time.perf_counter()
        self._stop_s = None

    def stop(self) -> None:
        """Stop; `ms` keeps its value."""
        self._stop_s = time.perf_counter()

    @property
    def ms(self) -> float:
        """Milliseconds between `start` and `stop`; 0 for a timer that was not started."""
        if self._start_s is None:
            return 0.0
        end_s = self._stop_s if self._stop_s is not None else time.perf_counter()
        return (end_s - self._start_s) * 1000.0
