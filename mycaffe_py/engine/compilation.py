"""While numba compiles: no garbage is collected, and who waits long is told that it happens once.

The compiler makes very many objects that live until a kernel is done; Python would go through all
of them again and again.
"""

from __future__ import annotations

import gc
import time
from threading import Lock, get_ident
from typing import Any

from numba.core import event

from mycaffe_py.kernels.shipped import refusal
from mycaffe_py.notices import remark

# Seconds of compiling from which it is told.
LONG_S = 2.0

# numba's module has no types for what is called here.
_events: Any = event


class Compilation(event.Listener):
    """numba calls it for each function it compiles; several threads may, and one within another."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.told = False
        self.left_to_another = False
        """Whether something else tells: a training does, with more to say."""
        self.thread = 0
        """The thread that runs nets: whether it wants to hear of them is known there alone."""
        self._lock = Lock()
        self._compiling = 0
        self._collects = False
        self._began = 0.0

    def on_start(self, event: event.Event) -> None:
        """A function begins."""
        with self._lock:
            self._compiling += 1
            if self._compiling == 1:
                self._began = time.perf_counter()
                self._collects = gc.isenabled()
                gc.disable()
        if self.seconds >= LONG_S:
            self._tell()

    def on_end(self, event: event.Event) -> None:
        """It is done, or could not be compiled."""
        with self._lock:
            self._compiling -= 1
            if not self._compiling:
                self.seconds += time.perf_counter() - self._began
                if self._collects:
                    gc.enable()

    def _tell(self) -> None:
        if self.told or self.left_to_another or get_ident() != self.thread:
            return
        self.told = True
        why = refusal()
        told = f" (there are compiled ones, but {why})" if why else ""
        remark(f"Compiling kernels for this machine, once{told}; they are kept for next time ...")


_compilation = Compilation()
_events.register("numba:compile", _compilation)


def watch() -> None:
    """This thread is about to run a net."""
    _compilation.thread = get_ident()


def leave_to_another(leave: bool) -> None:
    """Tell nothing from now on, or tell again."""
    _compilation.left_to_another = leave
