"""Floor 6. Keeps the run's diary: one JSON object a line for each display, test and snapshot.

The first line names the run (snapshot/diary.py).
"""

from __future__ import annotations

import json
from pathlib import Path

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.snapshot.atomic import write_atomically
from mycaffe_py.snapshot.diary import first_line, run_of
from mycaffe_py.snapshot.plain_json import dumps
from mycaffe_py.solver.cards import run_of_solver
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.solver import Solver


class Events(Hook):
    """Appends to `path`. A new run starts it anew, a resumed one drops what will come again.

    What another run told is dropped as well.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def start(self, solver: Solver) -> None:
        """Keep the events of the iterations this run builds on."""
        ended = solver.iteration >= solver.text.max_iter
        run = run_of_solver(solver)
        named = run_of(self.path)
        ours = solver.iteration > 0 and named in (run, "")
        lines = self._lines() if ours else []
        kept = [line for line in lines if _belongs(line, solver.iteration, ended)]
        if not (kept and named == run):
            kept.insert(0, first_line(run, solver.seed))
        write_atomically(self.path, b"".join(kept))

    def _lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines(keepends=True) if self.path.exists() else []

    def told(self, solver: Solver, event: Event) -> None:
        """Append one line; a line is written at once, so that a watcher sees it.

        What debug_info tells is left out: it would be most of the diary.
        """
        if event.kind == "debug":
            return
        line = {"kind": event.kind, "iteration": event.iteration, **event.figures}
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(dumps(line) + "\n")
        except OSError as error:
            raise MyCaffeError(
                f"cannot write {self.path}: {error.strerror}",
                wanted=f"snapshots written before are intact, the last is {solver.last_snapshot}",
                do="Make room, then 'mycaffe resume'.",
            ) from error


def _belongs(line: bytes, iteration: int, ended: bool) -> bool:
    """Tests and displays of the resumed iteration itself happen again; its snapshot does not.

    Nothing happens again in a run that has `ended`. A line that a kill cut short is dropped.
    """
    if not line.endswith(b"\n"):
        return False
    try:
        event = json.loads(line)
        last = iteration if ended or event["kind"] == "snapshot" else iteration - 1
        return bool(event["iteration"] <= last)
    except (ValueError, KeyError, TypeError):
        return False
