"""Signals: Ctrl-C and SIGTERM end the run with a snapshot, SIGHUP writes a snapshot."""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import FrameType

from mycaffe_py.solver.hooks.hook import Hook, Run
from mycaffe_py.solver.team import SNAPSHOT, STOP

EFFECTS = ("stop", "snapshot", "none")
_TWICE_S = 1.0


class Interrupt(Hook):
    """`stop`: the first signal asks the solver to stop, the second ends the process at once.

    `snapshot` writes one after the iteration at hand and goes on, `none` does nothing. SIGTERM
    always stops. Only the main thread may handle signals; in another one they stay as they are.
    """

    def __init__(self, sigint: str = "stop", sighup: str = "snapshot") -> None:
        """Effects as Caffe's --sigint_effect and --sighup_effect have them."""
        self._effects = {signal.SIGINT: sigint, signal.SIGTERM: "stop"}
        # Windows has no terminal that hangs up.
        if hasattr(signal, "SIGHUP"):
            self._effects[signal.SIGHUP] = sighup
        # There a process that started another one ends it by Ctrl-Break: Ctrl-C reaches no group.
        if hasattr(signal, "SIGBREAK"):
            self._effects[signal.SIGBREAK] = sigint
        self._asked = 0.0

    def start(self, solver: Run) -> None:
        """Take the signals over."""

        def handle(number: int, frame: FrameType | None) -> None:
            effect = self._effects[signal.Signals(number)]
            if effect == "snapshot":
                solver.ask(SNAPSHOT)
            elif effect == "stop":
                self._stop(solver)

        here = threading.current_thread() is threading.main_thread()
        taken = self._effects if here else {}
        self._before = {number: signal.signal(number, handle) for number in taken}

    def _stop(self, solver: Run) -> None:
        now = time.monotonic()
        # What starts several processes may pass one Ctrl-C on to a process that had it already.
        again = solver.together.ranks == 1 or now - self._asked > _TWICE_S
        if (solver.stopping or solver.together.wishes_stop) and again:
            raise KeyboardInterrupt
        self._asked = now
        solver.ask(STOP)

    def close(self, solver: Run) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)


def say_stopping() -> None:
    """Tell that the signal has arrived."""
    print(
        "\nStopping after this iteration, with a snapshot. Once more: stop at once.",
        file=sys.stderr,
        flush=True,
    )
