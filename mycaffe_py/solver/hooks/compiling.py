"""Says when kernels are compiled, which happens once on a machine, and lets a second core help."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable
from subprocess import Popen
from threading import get_ident
from typing import Any

import numba
from numba.core import event
from tqdm import tqdm

from mycaffe_py.engine.compilation import leave_to_another
from mycaffe_py.kernels.shipped import refusal
from mycaffe_py.snapshot.diary import COMPILING
from mycaffe_py.solver import compile_ahead
from mycaffe_py.solver.hooks.hook import Event, Hook, Run

# numba's module has no types for what is called here.
_events: Any = event
_SHOWN = "Compiling kernels: {n_fmt} done, {elapsed}"


class _Listener(event.Listener):
    """numba calls it for each function it compiles, but not for those it reads from its cache.

    Functions that one needs are compiled within it, and not counted; several threads may compile.
    """

    def __init__(self, first: Callable[[], None]) -> None:
        self.first = first
        self.began = 0.0
        self.done = 0
        self._within: dict[int, int] = defaultdict(int)
        self._bar: Any = None

    def on_start(self, event: event.Event) -> None:
        self._within[get_ident()] += 1
        if not self.began:
            self.began = time.perf_counter()
            why = refusal()
            told = f" (there are compiled ones, but {why})" if why else ""
            told = f"Compiling kernels for this machine, once{told} ..."
            print(told, file=sys.stderr, flush=True)
            # In a terminal the number goes up; elsewhere the line at the end has it.
            self._bar = tqdm(unit=" kernels", bar_format=_SHOWN, leave=False, disable=None)
            self.first()

    def on_end(self, event: event.Event) -> None:
        self._within[get_ident()] -= 1
        if not self._within[get_ident()] and self._bar is not None:
            self.done += 1
            self._bar.update()

    def tell(self) -> None:
        """Say how many there were, and how long they took with the first iteration."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
            seconds = time.perf_counter() - self.began
            told = f"Compiled {self.done} kernels within the first {seconds:.1f} s; they are kept."
            print(told, file=sys.stderr, flush=True)


class Compiling(Hook):
    """Listens to numba while the solver runs."""

    writes = True

    def __init__(self) -> None:
        self._helper: Popen[bytes] | None = None

    def start(self, solver: Run) -> None:
        """Begin to listen. A run of one thread gets no helper: it may have one core only."""
        threads = numba.get_num_threads()

        def first() -> None:
            solver.tell(Event(COMPILING, solver.iteration))
            if threads > 1:
                self._helper = compile_ahead.start(solver.net.graph, solver.text)

        self._listener = _Listener(first)
        leave_to_another(True)
        _events.register("numba:compile", self._listener)

    def after_step(self, solver: Run) -> None:
        """All that an iteration needs is compiled."""
        self._listener.tell()

    def close(self, solver: Run) -> None:
        """Stop listening."""
        self._listener.tell()
        _events.unregister("numba:compile", self._listener)
        leave_to_another(False)
        if self._helper is not None:
            self._helper.kill()
            self._helper.wait()
