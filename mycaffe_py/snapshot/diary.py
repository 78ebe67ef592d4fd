"""A run's diary, `<prefix>.events.jsonl`: its first line tells whose it is.

Each line is a JSON object with `kind` and `iteration`. "begin" tells the process that runs, "end"
how it ended (snapshot/life.py); paths are relative to the `folder` of the last "begin".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.files.checked_json import parse_json
from mycaffe_py.files.plain_json import dumps
from mycaffe_py.files.schema import Count, DamagedError

RUN, BEGIN, COMPILING, END = "run", "begin", "compiling", "end"
# Outcomes of an "end".
DONE, STOPPED, FAILED = "done", "stopped", "failed"
# A first line that names a run is short.
_MOST_BYTES = 1000


@dataclass(frozen=True)
class EventHead:
    """What every line of a diary tells."""

    kind: str
    iteration: Count


@dataclass(frozen=True)
class _Begin:
    kind: str
    run: str


def first_line(run: str, seed: int) -> bytes:
    """The line a diary begins with, as an event of iteration 0."""
    return f"{dumps({'kind': RUN, 'iteration': 0, 'run': run, 'seed': seed})}\n".encode()


def run_of(path: Path) -> str:
    """The run that the diary at `path` names, "" where none is: it is missing, or an old one."""
    try:
        with path.open("rb") as file:
            event = parse_json(file.readline(_MOST_BYTES), _Begin)
        return event.run if event.kind == RUN else ""
    except (OSError, DamagedError):
        return ""
