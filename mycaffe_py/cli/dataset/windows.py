"""`mycaffe dataset export NAME csv FILE`."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.counters.export import (
    counters_of,
    export_windows,
    numbers_of_label,
    numbers_of_series,
)
from mycaffe_py.errors import UserError


def export_csv(
    sources: list[ArraySource],
    path: Path,
    label: str | None,
    index: int | None,
    series: str | None = None,
) -> int:
    """Write the windows of a source, one of them, or a `series` of some, to the CSV file `path`."""
    if len(sources) != 1:
        names = ", ".join(source.name for source in sources)
        raise UserError("a CSV file holds one split", do=f"Name one of {names}.")
    source = sources[0]
    counters_of(source)
    if series is not None:
        if label is not None or index is not None:
            raise UserError("--series with --label or --index", wanted="one of them")
        return _export_series(source, path, series)
    windows = list(range(len(source))) if label is None else numbers_of_label(source, label)
    if index is not None and not 0 <= index < len(windows):
        raise UserError(f"--index is {index}", wanted=f"0 to {len(windows) - 1}")
    if label is not None or index is not None:
        place = index or 0
        windows = windows[place : place + 1]
    counters = export_windows(source, windows, path)
    count = "1 window" if len(windows) == 1 else f"{len(windows)} windows"
    print(f"{source.name}: {count} of {counters.steps} rows in {path}")
    if len(windows) == 1:
        number = windows[0]
        print(f"window {number}: {source.label_names[int(source.labels[number])]}")
    return 0


def _export_series(source: ArraySource, path: Path, series: str) -> int:
    windows = numbers_of_series(source, series)
    counters = export_windows(source, windows, path, joined=True)
    rows = len(windows) * counters.steps
    print(f"{source.name}: {len(windows)} windows in {path}, {rows:,} rows without a gap")
    return 0
