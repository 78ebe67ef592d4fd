"""Floor 7. The figures of a run over its iterations, read from its diary."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.errors import UserError, Where
from mycaffe_py.snapshot.diary import run_of


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
    A last line cut short by a kill is left out; any other damage is the user's to know.
    """
    loss: dict[int, float] = {}
    accuracy: dict[int, float] = {}
    if run and run_of(events) not in (run, ""):
        return Curves(_curve({}), _curve({}))
    text = events.read_text(encoding="utf-8") if events.is_file() else ""
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if not line.endswith("\n"):
            break
        try:
            event = json.loads(line)
            kind, iteration = event["kind"], int(event["iteration"])
        except (ValueError, KeyError, TypeError):
            raise UserError(
                "this line is no event",
                where=Where(str(events), number),
                wanted="each is a JSON object with kind and iteration",
                do="Remove the line.",
            ) from None
        if iteration > last_iteration:
            continue
        if kind == "display" and event.get("loss") is not None:
            loss[iteration] = float(event["loss"])
        if kind == "test" and event.get("net", 0) == 0 and event.get("accuracy") is not None:
            accuracy[iteration] = float(event["accuracy"])
    return Curves(_curve(loss), _curve(accuracy))


def _curve(values: dict[int, float]) -> Curve:
    rows = sorted(values.items())
    return Curve(tuple(i for i, _ in rows), tuple(v for _, v in rows))
