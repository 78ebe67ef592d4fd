"""Windows of a source as a CSV file, in the units of their counters."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.counters.times import iso
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.files.atomic import write_atomically

LABEL_COLUMN = "fault"
# Midnight before the first day of 2026; only differences of times matter.
_FIRST_S = 1_767_225_600.0


def counters_of(source: ArraySource) -> Counters:
    """Names and scaling of the counters of `source`. Errors: its images are no windows."""
    if not source.counters:
        raise UserError(
            f"'{source.name}' holds images, not windows of counters",
            do="'mycaffe dataset create csv' and 'mycaffe dataset create telecom' make such; npy, "
            "npz and projector export any items.",
        )
    return Counters.from_json(source.counters)


def numbers_of_label(source: ArraySource, label: str) -> list[int]:
    """The numbers of the windows whose label is called `label`. Errors: there is none."""
    names = {name: number for number, name in source.label_names.items()}
    if label not in names:
        raise UserError(
            f"'{source.name}' has no label '{label}'",
            do=nearest(label, source.label_names.values()),
        )
    found: list[int] = np.flatnonzero(source.labels == names[label]).tolist()
    return found


def numbers_of_series(source: ArraySource, series: str) -> list[int]:
    """The numbers of the windows of "normal:20,blocked:5,normal:10": those of a label in turn.

    None comes twice. Errors: no such text, an unknown label, more than there are of a label.
    """
    found: list[int] = []
    taken: dict[str, int] = {}
    for part in series.split(","):
        label, colon, text = (word.strip() for word in part.rpartition(":"))
        if not colon or not text.isdecimal() or int(text) < 1:
            raise UserError(
                f"--series has '{part.strip()}'",
                wanted="LABEL:COUNT, and a comma before the next, as in normal:20,blocked:5",
            )
        own = numbers_of_label(source, label)
        first = taken.get(label, 0)
        taken[label] = first + int(text)
        if taken[label] > len(own):
            raise UserError(
                f"--series wants {taken[label]:,} windows of '{label}'",
                wanted=f"{source.name} has {len(own):,}",
            )
        found += own[first : taken[label]]
    return found


def export_windows(
    source: ArraySource, windows: Sequence[int], path: Path, joined: bool = False
) -> Counters:
    """Write `windows` of `source` to `path`, one row a time step, with time and label.

    Between two windows the times leave a gap as long as a window, so that `read_dataset` cuts them
    alike: with stride T it gives the same windows, to the precision of float32. With `joined` there
    is no gap, as in a recording.
    """
    counters = counters_of(source)
    apart = counters.steps * (1 if joined else 2)
    values = counters.unscaled(source.gather(np.array(windows, dtype=np.int64)).astype(np.float32))

    def fill(raw: BinaryIO) -> None:
        file = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        writer = csv.writer(file)
        writer.writerow([counters.time_column, *counters.names, LABEL_COLUMN])
        for place, number in enumerate(windows):
            label = source.label_names[int(source.labels[number])]
            for step, row in enumerate(values[place].tolist()):
                time_s = _FIRST_S + (place * apart + step) * counters.step_s
                writer.writerow([iso(time_s), *(f"{value:.10g}" for value in row), label])
        # The file itself is closed by whoever opened it.
        file.detach()

    if not path.parent.is_dir():
        raise UserError(f"{path} could not be written: there is no folder '{path.parent}'")
    write_atomically(path, fill)
    return counters
