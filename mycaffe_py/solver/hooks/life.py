"""Tells in the diary of a run who runs it and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numba

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.files.lock import Holder
from mycaffe_py.snapshot.diary import BEGIN, DONE, END, FAILED, STOPPED
from mycaffe_py.snapshot.names import as_seen_from_here
from mycaffe_py.snapshot.run_card import versions
from mycaffe_py.solver.cards import dataset_cards
from mycaffe_py.solver.hooks.hook import Event, Hook, Run


class TellLife(Hook):
    """Tells "begin" before the first step of a process and "end" when it leaves the loop.

    A process that was killed tells no end; snapshot/life.py notices that it is gone. This hook
    stands before all that may fail, and after the one that keeps the diary.
    """

    def __init__(self, command: str = "") -> None:
        """`command` is the command line that started the run, "" where there is none."""
        self.command = command
        self._error: BaseException | None = None

    def start(self, solver: Run) -> None:
        """Tell who runs what. Paths are relative to `folder`, which the process works in."""
        self._error = None
        us = Holder.this()
        who = {"pid": us.pid, "start": us.started, "host": us.host}
        figures = {**who, "time": _now(), "command": self.command, **_job(solver)}
        solver.tell(Event(BEGIN, solver.iteration, figures))

    def failed(self, solver: Run, error: BaseException) -> None:
        """Keep the error that ended the loop."""
        self._error = error

    def close(self, solver: Run) -> None:
        """Tell how the process left the loop, as far as that can be written."""
        error = self._error
        figures: dict[str, Any] = {"outcome": DONE, "time": _now()}
        if isinstance(error, KeyboardInterrupt) or (error is None and solver.stopping):
            figures["outcome"] = STOPPED
        elif error is not None:
            figures |= {"outcome": FAILED, "error": _parts(error)}
        with suppress(MyCaffeError):
            solver.tell(Event(END, solver.iteration, figures))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _parts(error: BaseException) -> dict[str, Any]:
    """The parts of an error; of an error that is not ours, its class and its message."""
    if not isinstance(error, MyCaffeError):
        error = MyCaffeError(f"{type(error).__name__}: {error}")
    return error.as_json()


def _job(solver: Run) -> Mapping[str, Any]:
    """What is trained, for how long, on which data."""
    job, datasets = solver.job, dataset_cards(solver)
    return {
        "folder": str(Path.cwd()),
        "seed": solver.seed,
        "max_iter": solver.text.max_iter,
        "solver": as_seen_from_here(job.card.file),
        "net": as_seen_from_here(job.train.card.file),
        "name": solver.net.graph.name,
        "data": [{"phase": d.phase, "source": d.source, "items": d.items} for d in datasets],
        "stand_ins": [
            {"source": d.source, "for": d.stand_in_for} for d in datasets if d.stand_in_for
        ],
        "threads": numba.get_num_threads(),
        "versions": versions(),
    }
