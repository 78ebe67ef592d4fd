"""Reads from the diary of a run whether it is running, done, stopped, failed or dead."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mycaffe_py.errors import UserError
from mycaffe_py.files.lock import Holder
from mycaffe_py.snapshot.diary import BEGIN, DONE, END, FAILED, STOPPED

RUNNING, DEAD, UNKNOWN = "running", "dead", "unknown"
# No event of a run is as long; what is, is passed over piece by piece.
_MOST_BYTES = 1 << 22


@dataclass(frozen=True)
class RunLife:
    """`state` is "running", "done", "stopped", "failed", "dead" or "unknown".

    "dead" is a run whose process is gone without a word, "unknown" the diary of an earlier version
    or of nothing. `iteration` is that of the last event, `begin` the last event of that kind, and
    `error` the parts of what it failed by (MyCaffeError.as_json).
    """

    state: str
    iteration: int = 0
    begin: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] = field(default_factory=dict)


def life_of(path: Path) -> RunLife:
    """What became of the run whose diary is at `path`. Errors: there is no file to read.

    Lines that are no events, such as one that a kill cut short, are passed over. A process of
    another machine counts as running: nothing can be known of it here.
    """
    begin: Mapping[str, Any] = {}
    end: Mapping[str, Any] = {}
    last = 0
    for event in _events(path):
        last = event["iteration"]
        if event["kind"] == BEGIN:
            begin, end = event, {}
        elif event["kind"] == END:
            end = event
    return RunLife(_state(begin, end), last, begin, _mapping(end.get("error")))


def _state(begin: Mapping[str, Any], end: Mapping[str, Any]) -> str:
    if end:
        outcome = end.get("outcome")
        return str(outcome) if outcome in (DONE, STOPPED, FAILED) else UNKNOWN
    holder = holder_of(begin)
    if holder is None:
        return UNKNOWN
    return DEAD if holder.is_gone else RUNNING


def holder_of(begin: Mapping[str, Any]) -> Holder | None:
    """The process that wrote a `begin` event, None where the event does not tell it."""
    pid, started, host = (begin.get(name) for name in ("pid", "start", "host"))
    if not (isinstance(pid, int) and isinstance(started, str) and isinstance(host, str)):
        return None
    return Holder(pid, started, host) if 0 < pid < 2**31 else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _events(path: Path) -> Iterator[Mapping[str, Any]]:
    """Every whole event, in the order it was written."""
    try:
        with path.open("rb") as file:
            while line := file.readline(_MOST_BYTES):
                event = _event(line) if line.endswith(b"\n") else {}
                if event:
                    yield event
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UserError(
            f"the diary '{path}' cannot be read: {why}",
            do="'mycaffe train' writes one beside its snapshots.",
        ) from error


def _event(line: bytes) -> Mapping[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    whole = isinstance(event, dict) and isinstance(event.get("iteration"), int)
    return event if whole and isinstance(event.get("kind"), str) else {}
