"""Many inputs named one after the other, with a row for each and alarms for runs of faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TextIO

from mycaffe_py.data.pictures.picture_record import Asked
from mycaffe_py.data.plural import plural
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.enrollment.alarms import AlarmFinder, normal_classes
from mycaffe_py.evaluate.enrollment.asked_files import STANDARD
from mycaffe_py.evaluate.enrollment.row_files import (
    ROW_COLUMNS,
    Write,
    alarm_writer,
    csv_writer,
    json_writer,
    row_facts,
    told_alarms,
    write_together,
)
from mycaffe_py.evaluate.enrollment.stream import Row, Stream, batch_for
from mycaffe_py.figures import distance_text
from mycaffe_py.files.read_each import Unread
from mycaffe_py.notices import remark
from mycaffe_py.printable import one_line
from mycaffe_py.trained.identify import KnownClasses
from mycaffe_py.trained.inputs import input_like
from mycaffe_py.trained.kept_threshold import KeptThreshold
from mycaffe_py.trained.snapshot import Snapshot


def _nothing(row: Row) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Outputs:
    """Where rows and alarms go, None for nowhere; `tell` is given each row.

    Classes called `normal`, or "normal" where that is empty, are no alarm; an alarm has `least`
    windows or more.
    """

    csv: Path | None = None
    lines: Path | None = None
    alarms: Path | None = None
    normal: Sequence[str] = ()
    least: int = 1
    tell: Callable[[Row], object] = _nothing

    @property
    def paths(self) -> list[Path]:
        """The files to write. Errors: two of them are one."""
        found = [path for path in (self.csv, self.lines, self.alarms) if path is not None]
        for number, path in enumerate(found):
            if path in found[:number]:
                name = "standard output" if path == STANDARD else f"'{path}'"
                raise UserError(
                    f"two outputs go to {name}",
                    wanted="--csv, --json-lines and --alarms write a file each",
                )
        return found


@dataclass
class Told:
    """What came out: how many inputs were taken for each class, alarms, and what was unread."""

    labels: Counter[str] = field(default_factory=Counter)
    alarms: int | None = None
    unread: list[Unread] = field(default_factory=list)

    def line(self, word: str) -> str:
        """For people, the commonest class first."""
        total = self.labels.total()
        counts = ", ".join(f"{name}: {count:,}" for name, count in self.labels.most_common())
        parts = [f"{total:,} {plural(total, word)}" + (f" ({counts})" if counts else "")]
        if self.unread:
            parts.append(f"{len(self.unread):,} not read")
        if self.alarms is not None:
            parts.append(f"{self.alarms:,} {plural(self.alarms, 'alarm')}")
        return one_line(", ".join(parts))


class Many:
    """The classes of a snapshot, open to name many inputs."""

    def __init__(
        self,
        snapshot: Snapshot,
        threshold: KeptThreshold,
        asked: Asked | None = None,
        stride: int | None = None,
    ) -> None:
        """Pictures are read as those the net learned, or as `asked`; windows lie `stride` apart.

        Errors: a stride for pictures.
        """
        self.like = input_like(snapshot, asked)
        self.sheets = bool(self.like.counters)
        self._snapshot = snapshot
        self._threshold = threshold
        self._stream = Stream(lambda: self._classes, self.like, stride, remark)

    @cached_property
    def _classes(self) -> KnownClasses:
        """Opened for the first input that could be read, as it may take long."""
        return KnownClasses(self._snapshot, self.like, self._threshold, batch_for(self.like))

    def write(self, files: Iterable[Path], outputs: Outputs) -> Told:
        """Name every input of `files`, and write a row for each, in their order.

        Errors: an output that cannot be written, enrollments that cannot be used. Inputs that
        cannot be read have a row that says so.
        """
        told = Told(alarms=None if outputs.alarms is None else 0)

        def produce(opened: Sequence[TextIO]) -> None:
            writers, of_alarms = _writers(outputs, opened)
            finder: AlarmFinder | None = None
            for row in self._stream.rows(files):
                if finder is None and row.found is not None:
                    finder = self._finder(outputs)
                _count(told, row)
                facts = row_facts(row) if writers else {}
                for write in writers:
                    write(facts)
                outputs.tell(row)
                if finder is not None:
                    told.alarms = (told.alarms or 0) + told_alarms(finder.add(row), of_alarms)
            if finder is not None:
                told.alarms = (told.alarms or 0) + told_alarms(finder.end(), of_alarms)

        write_together(outputs.paths, produce)
        return told

    def _finder(self, outputs: Outputs) -> AlarmFinder | None:
        if outputs.alarms is None:
            return None
        enrolled = self._classes.carried.enrollments.labels
        known = [*self._classes.trained, *(n for n in enrolled if n not in self._classes.trained)]
        normal = normal_classes(outputs.normal, known)
        return AlarmFinder(normal, self._stream.step, outputs.least)


def row_line(row: Row) -> str:
    """A row for people."""
    span = f" {row.start} - {row.end}" if row.place is not None else ""
    if row.found is None:
        return one_line(f"{row.file}{span}: not read")
    one = row.found
    return one_line(
        f"{row.file}{span}: {one.label}, {distance_text(one.distance)} from {one.nearest}"
    )


def _count(told: Told, row: Row) -> None:
    if row.found is not None:
        told.labels[row.found.label] += 1
    elif row.error is not None:
        told.unread.append(Unread(row.file, row.error))


def _writers(outputs: Outputs, opened: Sequence[TextIO]) -> tuple[list[Write], Write | None]:
    """What writes rows, and what writes alarms, into the `opened` files of `outputs.paths`."""
    files = iter(opened)
    writers = []
    if outputs.csv is not None:
        writers.append(csv_writer(next(files), ROW_COLUMNS))
    if outputs.lines is not None:
        writers.append(json_writer(next(files)))
    if outputs.alarms is None:
        return writers, None
    return writers, alarm_writer(next(files), outputs.alarms)
