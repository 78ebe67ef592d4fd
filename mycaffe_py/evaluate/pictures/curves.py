"""The figures of a run over its iterations, read from its diary."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.files.checked_json import load_json
from mycaffe_py.files.schema import Count, DamagedError, fit
from mycaffe_py.snapshot.diary import EventHead, run_of

# A longer one is no event of ours, and read in parts.
_LONGEST_LINE_BYTES = 1 << 20


@dataclass(frozen=True)
class Curve:
    """Values by iteration."""

    iterations: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Curves:
    """Training loss per display, accuracy per test (test net 0)."""

    loss: Curve
    accuracy: Curve


def read_curves(events: Path, last_iteration: int, run: str = "") -> Curves:
    """The curves up to `last_iteration` from the diary `events`; a missing diary is empty.

    So is one of another run than `run`; one of an earlier version does not tell whose it is.
    A last line cut short by a kill is left out; other lines that are no events are told.
    """
    if run and run_of(events) not in (run, ""):
        return Curves(_curve({}), _curve({}))
    loss: dict[int, float] = {}
    accuracy: dict[int, float] = {}
    for event in _events(events):
        if event.iteration > last_iteration:
            continue
        if event.kind == "display" and event.loss is not None:
            loss[event.iteration] = event.loss
        if event.kind == "test" and event.net == 0 and event.accuracy is not None:
            accuracy[event.iteration] = event.accuracy
    return Curves(_curve(loss), _curve(accuracy))


@dataclass(frozen=True)
class _Kind:
    kind: str


@dataclass(frozen=True)
class _Event(EventHead):
    """What the curves are drawn from."""

    net: Count = 0
    loss: float | None = None
    accuracy: float | None = None


def _events(path: Path) -> Iterator[_Event]:
    """The events of a diary. Lines that are no events are told at the end."""
    bad: list[int] = []
    if not path.is_file():
        return
    with path.open("rb") as file:
        lines = iter(lambda: file.readline(_LONGEST_LINE_BYTES), b"")
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n") and len(line) < _LONGEST_LINE_BYTES:
                break
            try:
                event = load_json(line)
                if fit(event, _Kind).kind in ("display", "test"):
                    yield fit(event, _Event)
            except DamagedError:
                bad.append(number)
    if bad:
        which = f"line {bad[0]} is" if len(bad) == 1 else f"{len(bad)} lines from {bad[0]} on are"
        print(f"Note: {path}: {which} no event of a run, and left out.", file=sys.stderr)


def _curve(values: dict[int, float]) -> Curve:
    rows = sorted(values.items())
    return Curve(tuple(i for i, _ in rows), tuple(v for _, v in rows))
