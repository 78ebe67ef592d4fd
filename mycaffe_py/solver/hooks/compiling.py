"""Floor 6. Says so when kernels are compiled, once on a machine, and lets a second core help."""

from __future__ import annotations

import sys
from collections.abc import Callable
from subprocess import Popen
from typing import Any

import numba
from numba.core import event

from mycaffe_py.snapshot.diary import COMPILING
from mycaffe_py.solver import compile_ahead
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.solver import Solver

# numba's module has no types for what is called here.
_events: Any = event


class _Listener(event.Listener):
    """Told by numba of each function it compiles; those read from its disk cache do not count."""

    def __init__(self, first: Callable[[], None]) -> None:
        self.first = first
        self.said = False

    def on_start(self, event: event.Event) -> None:
        if not self.said:
            self.said = True
            print("Compiling kernels for this machine, once ...", file=sys.stderr, flush=True)
            self.first()

    def on_end(self, event: event.Event) -> None:
        """Nothing to say: the first display line shows that it goes on."""


class Compiling(Hook):
    """Listens to numba while the solver runs."""

    def __init__(self) -> None:
        self._helper: Popen[bytes] | None = None

    def start(self, solver: Solver) -> None:
        """Begin to listen. A run of one thread gets no helper: it may have one core only."""
        threads = numba.get_num_threads()

        def first() -> None:
            solver.tell(Event(COMPILING, solver.iteration))
            if threads > 1:
                self._helper = compile_ahead.start(solver.net.graph, solver.text)

        self._listener = _Listener(first)
        _events.register("numba:compile", self._listener)

    def close(self, solver: Solver) -> None:
        """Stop listening."""
        _events.unregister("numba:compile", self._listener)
        if self._helper is not None:
            self._helper.kill()
            self._helper.wait()
