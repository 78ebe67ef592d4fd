"""While numba compiles: no garbage is collected, and who waits long is told how it goes.

The compiler makes very many objects that live until a kernel is done; Python would go through all
of them again and again.

What is told: a line once it has taken long, and one at the end with the number of kernels and of
seconds; on a terminal both numbers are seen to rise. No share of a whole is told. Which kernels a
net needs hangs on its shapes, on the threads and on the processor, and many are found when another
one, just compiled, first calls them.
"""

from __future__ import annotations

import atexit
import gc
import sys
import time
from collections import defaultdict
from contextlib import suppress
from threading import Event, RLock, Thread, get_ident, main_thread
from typing import Any

from numba.core import event

from mycaffe_py.kernels.claims import WAITING
from mycaffe_py.kernels.disk_cache import why_not_kept
from mycaffe_py.kernels.shipped import refusal
from mycaffe_py.notices import is_hushed

# Seconds of compiling from which it is told.
LONG_S = 2.0
# Seconds without any after which it is over.
QUIET_S = 10.0
# Seconds between two looks at it.
_TICK_S = 0.2

# numba's module has no types for what is called here.
_events: Any = event


class Compilation(event.Listener):
    """numba calls it for each function it compiles; several threads may, and one within another.

    `kernels` and `seconds` are those of now; both begin anew when it was over. Functions that a
    kernel needs are compiled within it, and not counted; nor is what a helping process compiles.
    """

    def __init__(self) -> None:
        self.kernels = 0
        self.seconds = 0.0
        self._lock = RLock()
        self._within: dict[int, int] = defaultdict(int)
        self._compiling = 0
        self._collects = False
        self._began = self._ended = 0.0
        # Whether they want to hear of it is known in the thread that runs nets alone.
        self._thread = main_thread().ident
        self._hushed = False
        self._told = False
        self._bar: Any = None
        self._stop: Event | None = None

    def watch(self) -> None:
        """This thread is about to run a net."""
        self._thread = get_ident()

    def on_start(self, event: event.Event | None) -> None:
        """A function begins; None: it is waited for, as another process compiles it."""
        with self._lock:
            self._within[get_ident()] += 1
            self._compiling += 1
            if get_ident() == self._thread:
                self._hushed = is_hushed()
            if self._compiling == 1:
                self._began = time.perf_counter()
                self._collects = gc.isenabled()
                gc.disable()
            if self._stop is None:
                self._stop = Event()
                Thread(target=self._look_on, args=(self._stop,), daemon=True).start()

    def on_end(self, event: event.Event | None) -> None:
        """It is done, or could not be compiled."""
        with self._lock:
            self._within[get_ident()] -= 1
            if not self._within[get_ident()]:
                del self._within[get_ident()]
                self.kernels += event is not None
            self._compiling -= 1
            if not self._compiling:
                self._ended = time.perf_counter()
                self.seconds += self._ended - self._began
                if self._bar is not None:
                    self._bar.clear()  # what is printed until the next one stands on its own line
                if self._collects:
                    gc.enable()

    def finish(self) -> None:
        """Tell the end now: whoever calls it knows that all is compiled."""
        with self._lock:
            if self._bar is not None:
                self._bar.close()
            if self._told:
                self._say(self._end())
            if self._stop is not None:
                self._stop.set()
            self._bar = self._stop = None
            self._told = False
            self.kernels, self.seconds, self._began = 0, 0.0, time.perf_counter()

    def _end(self) -> str:
        if not self.kernels:
            return f"Kernels were ready after {self.seconds:.1f} s: another process compiled them."
        number = f"{self.kernels} kernel{'' if self.kernels == 1 else 's'}"
        why = why_not_kept()
        kept = f"not kept for next time: {why}" if why else "kept for next time"
        return f"Compiled {number} in {self.seconds:.1f} s, {kept}."

    def _look_on(self, stop: Event) -> None:
        """Tell what there is to tell, until it is over: numba tells nothing while it compiles."""
        while not stop.wait(_TICK_S):
            with self._lock:
                if not stop.is_set():
                    self._look()

    def _look(self) -> None:
        now = time.perf_counter()
        if not self._compiling:
            if now - self._ended >= QUIET_S:
                self.finish()
            return
        seconds = self.seconds + now - self._began
        if not self._told and seconds >= LONG_S and not self._hushed:
            self._begin()
        if self._bar is not None:
            told = f"Compiling kernels: {self.kernels} done, {seconds:.1f} s"
            # As wide as the bar of a training that may stand in this line.
            columns = (self._bar.format_dict["ncols"] or 80) - 1
            self._bar.set_description_str(told.ljust(columns)[:columns])

    def _begin(self) -> None:
        from multiprocessing import parent_process

        from tqdm import tqdm

        self._told = True
        why = refusal()
        reason = f" (there are compiled ones, but {why})" if why else ""
        often = "" if why_not_kept() else ", once"
        self._say(f"Compiling kernels for this machine{often}{reason} ...")
        # Several processes would write their numbers over one another's.
        if parent_process() is None:
            self._bar = tqdm(
                bar_format="{desc}", position=0, leave=False, disable=None, dynamic_ncols=True
            )

    def _say(self, line: str) -> None:
        """A line above whatever bars there are."""
        from tqdm import tqdm

        with tqdm.external_write_mode(file=sys.stderr):
            print(line, file=sys.stderr, flush=True)


class _Waiting(event.Listener):
    """What takes long while another process compiles is told likewise."""

    def on_start(self, event: event.Event) -> None:
        _compilation.on_start(None)

    def on_end(self, event: event.Event) -> None:
        _compilation.on_end(None)


_compilation = Compilation()
_events.register("numba:compile", _compilation)
_events.register(WAITING, _Waiting())


def watch() -> None:
    """This thread is about to run a net."""
    _compilation.watch()


def finish() -> None:
    """All that was to be compiled is: tell how much it was, if it took long."""
    _compilation.finish()


@atexit.register
def _at_exit() -> None:
    with suppress(OSError, ValueError):  # nobody reads standard error any more
        finish()
