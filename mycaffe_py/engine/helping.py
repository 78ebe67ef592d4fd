"""Starts the process that helps to compile, once the first net of this one needs a kernel."""

from __future__ import annotations

import atexit
from subprocess import Popen
from threading import get_ident
from typing import Any
from weakref import ref

from numba import get_num_threads
from numba.core import event

from mycaffe_py.engine import compile_ahead
from mycaffe_py.graph.model import Graph
from mycaffe_py.kernels.disk_cache import why_not_kept

# numba's module has no types for what is called here.
_events: Any = event


class Helping(event.Listener):
    """numba calls it for each function it compiles.

    One process is helped by one at most: what comes after its first net is mostly compiled by then.
    """

    def __init__(self) -> None:
        self.wanted = True
        """Whether to start a process still: not where another part sees to it, as a training does.
        """
        self._net: tuple[int, ref[Graph]] | None = None
        self._process: Popen[bytes] | None = None

    def watch(self, graph: Graph) -> None:
        """This thread is about to run a net."""
        self._net = get_ident(), ref(graph)

    def on_start(self, event: event.Event) -> None:
        """A function is not on disk. A run of one thread may have one core only: no help.

        Nor is there any where this process would not find what another one has compiled.
        """
        if not self.wanted or self._net is None or why_not_kept():
            return
        thread, net = self._net
        graph = net()
        if graph is None or thread != get_ident() or get_num_threads() == 1:
            return
        self.wanted = False
        self._process = compile_ahead.start(graph)
        atexit.register(self.end)

    def on_end(self, event: event.Event) -> None:
        """The process goes on: more is compiled soon."""

    def end(self) -> None:
        """What the process has not compiled yet, this one has not needed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


helping = Helping()
_events.register("numba:compile", helping)
