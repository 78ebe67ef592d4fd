"""Nets that pages ask: a process for each open snapshot.

A net that crashes costs one answer, not the studio. Few processes are kept, and one that nobody
asked for a while ends.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.studio.worker_process import DiedError, Told, ToldError, WorkerProcess

# A small net takes 250 MB with the interpreter.
MOST = 2
IDLE_S = 300.0
_LOOK_S = 2.0


class Workers:
    """The processes of one studio; `root` is the folder they work in. Safe to use from threads."""

    def __init__(self, root: Path, most: int = MOST, idle_s: float = IDLE_S) -> None:
        """None is started before the first question."""
        self._root, self._most, self._idle_s = root, most, idle_s
        # By weights, and by what the file was: a run trained anew writes others under the name.
        self._open: dict[tuple[Path, int, int], WorkerProcess] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._watcher: threading.Thread | None = None

    def ask(self, weights: Path, question: Told, page: str = "") -> Told:
        """What the net of `weights` answers; see `WorkerProcess.ask` for `page`.

        Errors: those that the net tells; its process has ended, which costs this answer alone.
        """
        process = self._process(weights)
        try:
            return process.ask(question, page)
        except DiedError as error:
            self._forget(process)
            raise MyCaffeError(
                f"the process that asks '{weights.name}' has ended",
                wanted="it gives each question an answer",
                do="Ask again: a new one is started.",
            ) from error
        except ToldError:
            # One that could not open its snapshot ends after it has said why.
            if not process.is_open:
                self._forget(process)
            raise

    @property
    def pids(self) -> list[int]:
        """The processes that run, the one longest not asked first."""
        with self._lock:
            return [one.pid for one in self._oldest_first() if one.alive]

    def close(self) -> None:
        """End all of them."""
        self._closing.set()
        with self._lock:
            ended = list(self._open.values())
            self._open.clear()
        for process in ended:
            process.end()

    def _process(self, weights: Path) -> WorkerProcess:
        try:
            status = weights.stat()
        except OSError as error:
            raise UserError(
                f"the snapshot '{weights.name}' is not there any more",
                do="Reload the page: files changed.",
            ) from error
        key = (weights, status.st_mtime_ns, status.st_size)
        with self._lock:
            ended = [name for name, one in self._open.items() if not one.alive]
            ended += [name for name in self._open if name[0] == weights and name != key]
            gone = [self._open.pop(name) for name in dict.fromkeys(ended)]
            if key not in self._open:
                gone += self._make_room()
                self._open[key] = WorkerProcess(weights, self._root)
            process = self._open[key]
            process.used = time.monotonic()
            self._watch()
        for one in gone:
            one.end()
        return process

    def _make_room(self) -> list[WorkerProcess]:
        """Take out the ones longest not asked, idle ones first, so that one more may start."""
        order = sorted(self._oldest_first(), key=_is_busy)
        gone = order[: max(0, len(order) - self._most + 1)]
        self._open = {name: one for name, one in self._open.items() if one not in gone}
        return gone

    def _oldest_first(self) -> list[WorkerProcess]:
        return sorted(self._open.values(), key=_used)

    def _forget(self, process: WorkerProcess) -> None:
        with self._lock:
            self._open = {name: one for name, one in self._open.items() if one is not process}
        process.end()

    def _watch(self) -> None:
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._end_idle, daemon=True)
            self._watcher.start()

    def _end_idle(self) -> None:
        while not self._closing.wait(min(_LOOK_S, self._idle_s / 4)):
            since = time.monotonic() - self._idle_s
            with self._lock:
                idle = [one for one in self._open.values() if not one.busy and one.used < since]
            for process in idle:
                self._forget(process)


def _used(process: WorkerProcess) -> float:
    return process.used


def _is_busy(process: WorkerProcess) -> bool:
    return process.busy
