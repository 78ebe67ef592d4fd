"""Floor 6. Ctrl-C and a polite kill: the iteration is finished, a snapshot written."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from mycaffe_py.solver.hooks.hook import Hook
from mycaffe_py.solver.solver import Solver

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt(Hook):
    """The first signal asks the solver to stop, the second ends the process at once.

    Only the main thread may handle signals; construct it there.
    """

    def start(self, solver: Solver) -> None:
        """Take the signals over."""

        def handle(number: int, frame: FrameType | None) -> None:
            if solver.stopping:
                raise KeyboardInterrupt
            solver.stopping = True
            print(
                "\nStopping after this iteration, with a snapshot. Once more: stop at once.",
                file=sys.stderr,
                flush=True,
            )

        self._before = {number: signal.signal(number, handle) for number in _SIGNALS}

    def close(self, solver: Solver) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
