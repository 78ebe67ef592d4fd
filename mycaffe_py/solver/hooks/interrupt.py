"""Floor 6. Signals: Ctrl-C and a polite kill end with a snapshot, a hang-up writes one."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from mycaffe_py.solver.hooks.hook import Hook
from mycaffe_py.solver.solver import Solver

EFFECTS = ("stop", "snapshot", "none")


class Interrupt(Hook):
    """`stop`: the first signal asks the solver to stop, the second ends the process at once.

    `snapshot` writes one after the iteration at hand and goes on, `none` does nothing. SIGTERM
    always stops. Only the main thread may handle signals; construct it there.
    """

    def __init__(self, sigint: str = "stop", sighup: str = "snapshot") -> None:
        """Effects as Caffe's --sigint_effect and --sighup_effect have them."""
        self._effects = {signal.SIGINT: sigint, signal.SIGTERM: "stop"}
        # Windows has no terminal that hangs up.
        if hasattr(signal, "SIGHUP"):
            self._effects[signal.SIGHUP] = sighup

    def start(self, solver: Solver) -> None:
        """Take the signals over."""

        def handle(number: int, frame: FrameType | None) -> None:
            effect = self._effects[signal.Signals(number)]
            if effect == "snapshot":
                solver.snapshot_asked = True
            elif effect == "stop":
                _stop(solver)

        self._before = {number: signal.signal(number, handle) for number in self._effects}

    def close(self, solver: Solver) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _stop(solver: Solver) -> None:
    if solver.stopping:
        raise KeyboardInterrupt
    solver.stopping = True
    print(
        "\nStopping after this iteration, with a snapshot. Once more: stop at once.",
        file=sys.stderr,
        flush=True,
    )
