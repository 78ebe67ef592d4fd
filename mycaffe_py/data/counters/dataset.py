"""A data set from CSV files of counters with a label in each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.counters.csv_columns import counter_columns
from mycaffe_py.data.counters.csv_form import CsvForm
from mycaffe_py.data.counters.cut import cut, time_step
from mycaffe_py.data.counters.parts import split_by_time
from mycaffe_py.data.counters.scaling import Counters, fitted
from mycaffe_py.data.counters.table import Table, read_table
from mycaffe_py.data.dataset_paths import data_folder
from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.files.roomy import joined

# Windows that are cut together.
_AT_ONCE = 1024


@dataclass(frozen=True)
class CsvRecipe:
    """How files become windows: `steps` rows each, one each `stride` rows.

    `columns` are the counters, all where empty. `test_share` and `validation_share` of each label's
    windows, the latest ones, are kept from training. `like` brings names and scaling of a data set
    that is there, in place of statistics of one's own. `form` is how numbers and times are written;
    None: as in the files of `like`, else as usual.
    """

    time_column: str
    label_column: str
    steps: int = 30
    stride: int = 5
    test_share: float = 0.2
    validation_share: float = 0.0
    columns: tuple[str, ...] = ()
    like: Counters | None = None
    form: CsvForm | None = None

    @property
    def written(self) -> CsvForm:
        """How numbers and times are written: as said, else as in the data set `like`."""
        return self.form or (self.like.form if self.like else CsvForm())


@dataclass(frozen=True)
class CounterWindows:
    """Windows (n,) of all files, in the order of files and time, with labels.

    Window i holds `steps` rows from starts[i] on of `values` (m, F) of file files[i].
    """

    values: Sequence[NDArray[np.float64]]
    steps: int
    files: NDArray[np.int64]
    starts: NDArray[np.int64]
    labels: NDArray[np.int64]
    label_names: list[str]

    def cut(self, chosen: NDArray[np.int64]) -> Iterator[NDArray[np.float64]]:
        """The `chosen` windows in their order, some (m, T, F) at a time."""
        for start in range(0, len(chosen), _AT_ONCE):
            some = chosen[start : start + _AT_ONCE]
            made = np.empty((len(some), self.steps, self.values[0].shape[1]))
            for place, window in enumerate(some.tolist()):
                first = int(self.starts[window])
                made[place] = self.values[int(self.files[window])][first : first + self.steps]
            yield made


def read_dataset(
    paths: Sequence[Path], name: str, recipe: CsvRecipe
) -> tuple[dict[str, ArraySource], list[str]]:
    """Sources by split, and all that was found odd, a line each.

    Each file is a series of its own: no window reaches from one into the next.
    Errors: whatever `read_table` and `counter_columns` find, a part or a label without windows.
    """
    _check(recipe)
    tables = [read_table(path, recipe.time_column, recipe.written) for path in paths]
    for table in tables:
        if recipe.label_column not in table.columns:
            raise UserError(
                f"there is no column '{recipe.label_column}'",
                where=Where(str(table.path), 1),
                wanted="it holds the label of each row",
                do=nearest(recipe.label_column, table.columns),
            )
    names, values, remarks = _counters(tables, recipe)
    step_s = recipe.like.step_s if recipe.like else time_step(tables)
    windows, left_out = _windows(tables, values, recipe, step_s)
    parts, dropped = _parts(windows, recipe)
    counters = recipe.like
    if counters is None:
        training = joined(windows.cut(parts["training"]), data_folder())
        counters = fitted(training, tuple(names), ("",) * len(names), step_s, recipe.time_column)
    sources = {
        split: replace(
            make_source(
                f"{name}.{split}",
                joined(map(counters.scaled, windows.cut(rows)), data_folder()),
                windows.labels[rows],
                dict(enumerate(windows.label_names)),
                f"windows of {counters.steps} rows of {', '.join(path.name for path in paths)}",
            ),
            counters=counters.written_as(recipe.written).to_json(),
        )
        for split, rows in parts.items()
    }
    told = [line for table in tables for line in table.remarks] + remarks + left_out
    told.append(f"time step {step_s:g} s, {len(names)} counters: {', '.join(names)}")
    if dropped:
        told.append(f"{dropped} windows share rows with a later part: left out")
    return sources, told


def _check(recipe: CsvRecipe) -> None:
    if recipe.steps < 2 or recipe.stride < 1:
        raise UserError(
            f"windows of {recipe.steps} rows, one each {recipe.stride} rows",
            wanted="a window has at least 2 rows, and the next one starts at least 1 row later",
        )
    held_back = (recipe.test_share, recipe.validation_share)
    if not all(0 <= share < 1 for share in held_back) or sum(held_back) >= 1:
        raise UserError(
            f"shares of {recipe.test_share:g} for testing, {recipe.validation_share:g} for "
            "validation",
            wanted="each is 0 or more, and together they are less than 1",
        )
    if recipe.like is not None and recipe.like.steps != recipe.steps:
        raise UserError(
            f"windows of {recipe.steps} rows",
            wanted=f"the data set whose scaling is used has windows of {recipe.like.steps}",
        )


def _counters(
    tables: Sequence[Table], recipe: CsvRecipe
) -> tuple[list[str], list[NDArray[np.float64]], list[str]]:
    if recipe.like is None:
        not_counters = (recipe.time_column, recipe.label_column)
        return counter_columns(tables, not_counters, recipe.columns)
    return counter_columns(tables, (), recipe.like.names, may_be_constant=True)


def _labels(table: Table, recipe: CsvRecipe) -> list[str]:
    """The label of each row; rows of one label share one text."""
    known: dict[str, str] = {}
    return [known.setdefault(text, text) for text in table.texts(recipe.label_column)]


def _windows(
    tables: Sequence[Table],
    values: Sequence[NDArray[np.float64]],
    recipe: CsvRecipe,
    step_s: float,
) -> tuple[CounterWindows, list[str]]:
    """All windows, and a line for each reason for which some were left out."""
    cuts = [
        cut(table, found, _labels(table, recipe), recipe.steps, recipe.stride, step_s)
        for table, found in zip(tables, values, strict=True)
    ]
    reasons = [
        f"{sum(each.left_out[reason] for each in cuts)} {reason}: left out"
        for reason in cuts[0].left_out
        if any(each.left_out[reason] for each in cuts)
    ]
    names = sorted({label for each in cuts for label in each.labels})
    if not names:
        raise UserError(
            f"not one window of {recipe.steps} rows can be cut",
            wanted=f"{recipe.steps} rows, {step_s:g} s apart, of one label and without a missing "
            "value",
            do=f"Found: {'; '.join(reasons)}." if reasons else "",
        )
    number = {name: place for place, name in enumerate(names)}
    windows = CounterWindows(
        values,
        recipe.steps,
        np.repeat(np.arange(len(cuts)), [len(each.starts) for each in cuts]),
        np.concatenate([each.starts for each in cuts]),
        np.array([number[label] for each in cuts for label in each.labels], dtype=np.int64),
        names,
    )
    return windows, reasons


def _parts(windows: CounterWindows, recipe: CsvRecipe) -> tuple[dict[str, NDArray[np.int64]], int]:
    shares = {
        "training": 1 - recipe.test_share - recipe.validation_share,
        "validation": recipe.validation_share,
        "testing": recipe.test_share,
    }
    shares = {name: share for name, share in shares.items() if share > 0}
    parts, dropped = split_by_time(
        windows.files, windows.starts, windows.labels, recipe.steps, shares
    )
    for name, rows in parts.items():
        lacking = set(range(len(windows.label_names))) - set(windows.labels[rows].tolist())
        if lacking:
            label = windows.label_names[min(lacking)]
            raise UserError(
                f"label '{label}' has no window for {name}: it has "
                f"{int(np.sum(windows.labels == min(lacking)))} in all",
                wanted="each part needs windows of each label, and none may share a row with "
                "one of another part",
                do="Record more of it, take a smaller --window or --stride, or other shares.",
            )
    return parts, dropped
