"""Keeps the run's diary: one JSON object a line for each display, test and snapshot.

The first line names the run (snapshot/diary.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.checked_json import parse_json
from mycaffe_py.files.plain_json import dumps
from mycaffe_py.files.schema import DamagedError
from mycaffe_py.snapshot.diary import BEGIN, COMPILING, DONE, END, EventHead, first_line, run_of
from mycaffe_py.snapshot.names import as_seen_from_here
from mycaffe_py.solver.cards import run_of_solver
from mycaffe_py.solver.hooks.hook import Event, Hook, Run

TESTING = "testing"
# Would be most of the diary.
DEBUG = "debug"
# Events that a process tells again even if the run has ended before.
_AGAIN = (BEGIN, COMPILING, TESTING, "test")
_PATHS = ("weights", "state")


class Events(Hook):
    """Appends lines to the file `path`. A new run starts with an empty file.

    A resumed run drops the lines of iterations that it will do again, and those of another run. If
    it has already told its end and has nothing left to do, it writes nothing.
    """

    writes = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self._silent = False

    def start(self, solver: Run) -> None:
        """Keep the events of the iterations this run builds on."""
        ended = solver.iteration >= solver.text.max_iter
        run = run_of_solver(solver)
        named = run_of(self.path)
        ours = solver.iteration > 0 and named in (run, "")
        lines = self._lines() if ours else []
        self._silent = ended and named == run and bool(lines) and _is_done(lines[-1])
        if self._silent:
            return
        kept = [line for line in lines if _belongs(line, solver.iteration, ended)]
        if not (kept and named == run):
            kept.insert(0, first_line(run, solver.seed))
        write_atomically(self.path, b"".join(kept))

    def _lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines(keepends=True) if self.path.exists() else []

    def told(self, solver: Run, event: Event) -> None:
        """Append one line; a line is written at once, so that a watcher sees it.

        What debug_info tells is left out: it would be most of the diary.
        """
        if event.kind != DEBUG:
            self._write(solver, line_of(event))

    def tested(self, solver: Run, net: int, batch: int, batches: int) -> None:
        """Append a line that tells how far a test has come."""
        self._write(solver, line_of_test(solver, net, batch, batches))

    def _write(self, solver: Run, line: Mapping[str, Any]) -> None:
        if self._silent:
            return
        last = solver.record.last_snapshot
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(dumps(line) + "\n")
        except OSError as error:
            raise MyCaffeError(
                f"cannot write {self.path}: {error.strerror}",
                wanted=f"snapshots written before are intact, the last is {last}",
                do="Make room, then 'mycaffe resume'.",
            ) from error


def line_of(event: Event) -> dict[str, Any]:
    """What the diary says of `event`."""
    return {"kind": event.kind, "iteration": event.iteration, **_relative(event.figures)}


def line_of_test(solver: Run, net: int, batch: int, batches: int) -> dict[str, Any]:
    """What the diary says of how far a test has come."""
    figures = {"net": net, "batch": batch, "batches": batches}
    return {"kind": TESTING, "iteration": solver.iteration, **figures}


def _relative(figures: Mapping[str, Any]) -> dict[str, Any]:
    """`figures`, with paths of files relative to the folder that the event "begin" names."""
    paths = {name: as_seen_from_here(figures[name]) for name in _PATHS if name in figures}
    return {**figures, **paths}


@dataclass(frozen=True)
class _End:
    kind: str
    outcome: str


def _is_done(line: bytes) -> bool:
    """Whether this line tells that the run came to its end."""
    try:
        end = parse_json(line, _End)
    except DamagedError:
        return False
    return (end.kind, end.outcome) == (END, DONE)


def _belongs(line: bytes, iteration: int, ended: bool) -> bool:
    """Whether a resumed run keeps this line of its diary.

    Tests and displays of the resumed iteration itself happen again, its snapshot does not; in a run
    that has `ended` only tests happen again. A line that a kill cut short is dropped, and so is the
    end of an earlier process, because the run goes on.
    """
    if not line.endswith(b"\n"):
        return False
    try:
        event = parse_json(line, EventHead)
    except DamagedError:
        return False
    stays = event.kind == "snapshot" or (ended and event.kind not in _AGAIN)
    return event.kind != END and event.iteration <= iteration - (not stays)
