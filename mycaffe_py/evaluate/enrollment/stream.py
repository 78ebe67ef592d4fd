"""Many inputs named one after the other: pictures, windows, and windows that slide over a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.counters.sliding import is_long, sliding_windows
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.enrollment.identify import score_json
from mycaffe_py.files.read_each import Unread, read_each
from mycaffe_py.trained.enrollment import Input
from mycaffe_py.trained.identify import Identified, KnownClasses
from mycaffe_py.trained.inputs import read_input, stacked

# Inputs that go through a net together; fewer of large ones.
_BATCH = 256
_BATCH_VALUES = 1 << 22


@dataclass(frozen=True)
class Row:
    """What one input was taken for, or why it could not be read.

    `start` and `end` are the times of a window in a long file, "" elsewhere. `place` numbers its
    stretch without gap, and its first row.
    """

    file: Path
    found: Identified | None = None
    error: UserError | None = None
    start: str = ""
    end: str = ""
    place: tuple[int, int] | None = None

    def as_json(self) -> dict[str, Any]:
        """For machines: one object."""
        told: dict[str, Any] = {"file": str(self.file)}
        if self.place is not None:
            told |= {"start": self.start, "end": self.end}
        if self.found is None:
            return told | {"error": str(self.error)}
        one = self.found
        return told | {
            "label": one.label,
            "distance": one.distance,
            "unknown": one.unknown,
            "nearest": one.nearest,
            "enrolled": one.enrolled,
            "distances": dict(one.ranking),
            "threshold": one.limit if np.isfinite(one.limit) else None,
            **score_json(one),
        }


@dataclass(frozen=True)
class _Read:
    """A row to be named, and what was read for it; None where its error says why not."""

    row: Row
    array: Input | None


class Stream:
    """Names inputs like those of `like`, some at a time, in their order.

    `classes` opens what is known, once the first inputs have been read. Windows slide over a file
    of counters that is longer than one, by `stride` rows; by T, so that none overlap, where that is
    None. `remark` is told what was put right in a file.
    Memory: what one batch holds, and one file of counters.
    """

    def __init__(
        self,
        classes: Callable[[], KnownClasses],
        like: ArraySource,
        stride: int | None,
        remark: Callable[[str], object],
    ) -> None:
        """Errors: a stride below 1, or for pictures."""
        self.classes = classes
        self.like = like
        self.counters = Counters.from_json(like.counters) if like.counters else None
        if stride is not None and self.counters is None:
            raise UserError(
                "--stride is for windows of counters",
                wanted=f"this net takes pictures, as those of {like.name}",
            )
        if stride is not None and stride < 1:
            raise UserError(f"--stride is {stride}", wanted="at least 1 row")
        self.stride = stride
        self.remark = remark

    @property
    def step(self) -> int:
        """Rows from one sliding window to the next."""
        return self.stride or (self.counters.steps if self.counters else 1)

    def rows(self, files: Iterable[Path]) -> Iterator[Row]:
        """A row for each file, or for each window in it."""
        given = self._read(files)
        while batch := list(islice(given, batch_for(self.like))):
            yield from self._named(batch)

    def _named(self, batch: list[_Read]) -> Iterator[Row]:
        arrays = [one.array for one in batch if one.array is not None]
        answers = iter(self.classes().identify(stacked(arrays)) if arrays else [])
        for one in batch:
            yield one.row if one.array is None else replace(one.row, found=next(answers))

    def _read(self, files: Iterable[Path]) -> Iterator[_Read]:
        for file in files:
            if self.counters is not None and (
                self.stride is not None or is_long(file, self.counters)
            ):
                yield from self._windows(file, self.counters)
                continue
            for path, given in read_each([file], lambda path: read_input(path, self.like)):
                if isinstance(given, Unread):
                    yield _Read(Row(path, error=given.error), None)
                else:
                    yield _Read(Row(path), given.array)

    def _windows(self, file: Path, counters: Counters) -> Iterator[_Read]:
        for path, found in read_each(
            [file], lambda path: sliding_windows(path, counters, self.step)
        ):
            if isinstance(found, Unread):
                yield _Read(Row(path, error=found.error), None)
                continue
            for line in found.table.remarks:
                self.remark(line)
            for number in range(len(found)):
                start, end = found.span(number)
                place = (int(found.stretches[number]), int(found.starts[number]))
                row = Row(path, start=start, end=end, place=place)
                try:
                    yield _Read(row, found.image(number))
                except UserError as error:
                    yield _Read(replace(row, error=error), None)


def batch_for(like: ArraySource) -> int:
    """How many inputs like those of `like` go through a net together."""
    return min(_BATCH, max(1, _BATCH_VALUES // int(np.prod(like.shape))))
