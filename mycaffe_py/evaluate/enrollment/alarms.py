"""Alarms: runs of consecutive inputs that are not as they should be."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.evaluate.enrollment.stream import Row

NORMAL = "normal"


@dataclass(frozen=True)
class Alarm:
    """A run of `windows` inputs of one `label`, a fault or "unknown".

    `start` and `end` are the times of the first row and of the last one; the names of the first and
    the last file where an input is a file. `distance` is the smallest squared one to the nearest
    class.
    """

    file: str
    start: str
    end: str
    label: str
    windows: int
    distance: float

    def as_json(self) -> dict[str, Any]:
        """For machines: one object."""
        return {
            "file": self.file,
            "start": self.start,
            "end": self.end,
            "class": self.label,
            "windows": self.windows,
            "distance": self.distance,
        }


class AlarmFinder:
    """Takes rows in their order and hands out each alarm when its run is over.

    A run ends where the class changes, at a row that could not be read, in front of a gap in the
    times, and at the end of a file of windows; pictures, and files of one window, go on from file
    to file. Runs of fewer than `least` rows are no alarms.
    """

    def __init__(self, normal: Collection[str], step: int, least: int = 1) -> None:
        """`step` is how many rows a window starts after the one before it."""
        if least < 1:
            raise UserError(f"--min-windows is {least}", wanted="at least 1")
        self.normal = frozenset(normal)
        self.step = step
        self.least = least
        self._alarm: Alarm | None = None
        self._last = Row(Path())

    def add(self, row: Row) -> Iterator[Alarm]:
        """The alarm that is over with `row`, if there is one."""
        label = None if row.found is None else row.found.label
        goes_on = self._alarm is not None and label == self._alarm.label and self._follows(row)
        if not goes_on:
            yield from self.end()
        if row.found is not None and label is not None and label not in self.normal:
            self._lengthen(row, label, row.found.distance)
        self._last = row

    def end(self) -> Iterator[Alarm]:
        """The last alarm, if there is one."""
        if self._alarm is not None and self._alarm.windows >= self.least:
            yield self._alarm
        self._alarm = None

    def _lengthen(self, row: Row, label: str, distance: float) -> None:
        start, end = (row.start, row.end) if row.place else (str(row.file), str(row.file))
        if self._alarm is None:
            self._alarm = Alarm(str(row.file), start, end, label, 1, distance)
            return
        before = self._alarm
        least = min(before.distance, distance)
        self._alarm = Alarm(before.file, before.start, end, label, before.windows + 1, least)

    def _follows(self, row: Row) -> bool:
        last = self._last
        if row.place is None or last.place is None:
            return row.place is None and last.place is None
        expected = (last.place[0], last.place[1] + self.step)
        return row.file == last.file and row.place == expected


def normal_classes(asked: Collection[str], known: Collection[str]) -> frozenset[str]:
    """The classes that are no alarm: those `asked` for, else "normal".

    Errors: one that the net does not know.
    """
    if not asked and NORMAL not in known:
        raise UserError(
            f"--alarms: no class of this net is called '{NORMAL}'",
            wanted=f"which of {', '.join(known)} are no fault",
            do="Name each with --normal CLASS.",
        )
    for name in asked:
        if name not in known:
            raise UserError(
                f"--normal {name}: the net knows no such class", do=nearest(name, known)
            )
    return frozenset(asked or [NORMAL])
