"""Notes in the diary that kernels are compiled, once on a machine, and lets a second core help.

engine/compilation.py tells people how it goes.
"""

from __future__ import annotations

from collections.abc import Callable
from subprocess import Popen
from typing import Any

import numba
from numba.core import event

from mycaffe_py.engine.compilation import finish
from mycaffe_py.engine.helping import helping
from mycaffe_py.kernels.disk_cache import why_not_kept
from mycaffe_py.snapshot.diary import COMPILING
from mycaffe_py.solver import compile_ahead
from mycaffe_py.solver.hooks.hook import Event, Hook, Run

# numba's module has no types for what is called here.
_events: Any = event


class _Listener(event.Listener):
    """numba calls it for each function it compiles, but not for those it reads from its cache."""

    def __init__(self, first: Callable[[], None]) -> None:
        self.first = first
        self.begun = False

    def on_start(self, event: event.Event) -> None:
        if not self.begun:
            self.begun = True
            self.first()

    def on_end(self, event: event.Event) -> None:
        pass


class Compiling(Hook):
    """Listens to numba while the solver runs."""

    writes = True

    def __init__(self) -> None:
        self._helper: Popen[bytes] | None = None
        self._stepped = False

    def start(self, solver: Run) -> None:
        """Begin to listen. A run of one thread gets no helper: it may have one core only."""
        threads = numba.get_num_threads()

        def first() -> None:
            solver.tell(Event(COMPILING, solver.iteration))
            if threads > 1 and not why_not_kept():
                self._helper = compile_ahead.start(solver.net.graph, solver.text)

        self._listener = _Listener(first)
        self._wanted, helping.wanted = helping.wanted, False
        _events.register("numba:compile", self._listener)

    def after_step(self, solver: Run) -> None:
        """All that an iteration needs is compiled."""
        if not self._stepped:
            self._stepped = True
            finish()

    def close(self, solver: Run) -> None:
        """Stop listening."""
        _events.unregister("numba:compile", self._listener)
        helping.wanted = self._wanted
        if self._helper is not None:
            self._helper.kill()
            self._helper.wait()
