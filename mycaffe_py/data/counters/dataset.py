"""Floor 2. A data set from CSV files of counters with a label in each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.counters.columns import counter_columns
from mycaffe_py.data.counters.cut import cut, time_step
from mycaffe_py.data.counters.parts import split_by_time
from mycaffe_py.data.counters.scaling import Counters, fitted
from mycaffe_py.data.counters.table import Table, read_table
from mycaffe_py.errors import UserError, Where, nearest


@dataclass(frozen=True)
class Recipe:
    """How files become windows: `steps` rows each, one each `stride` rows.

    `columns` are the counters, all where empty. `test_share` and `validation_share` of each label's
    windows, the latest ones, are kept from training. `like` brings names and scaling of a data set
    that is there, in place of statistics of one's own.
    """

    time_column: str
    label_column: str
    steps: int = 30
    stride: int = 5
    test_share: float = 0.2
    validation_share: float = 0.0
    columns: tuple[str, ...] = ()
    like: Counters | None = None


@dataclass(frozen=True)
class Windows:
    """Windows (n, T, F) of all files, in the order of files and time, with labels (n,)."""

    values: NDArray[np.float64]
    files: NDArray[np.int64]
    starts: NDArray[np.int64]
    labels: NDArray[np.int64]
    label_names: list[str]


def read_dataset(
    paths: Sequence[Path], name: str, recipe: Recipe
) -> tuple[dict[str, ArraySource], list[str]]:
    """Sources by split, and all that was found odd, a line each.

    Each file is a series of its own: no window reaches from one into the next.
    Errors: whatever `read_table` and `counter_columns` find, a part or a label without windows.
    """
    _check(recipe)
    tables = [read_table(path, recipe.time_column) for path in paths]
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
    training = windows.values[parts["training"]]
    counters = recipe.like or fitted(
        training, tuple(names), ("",) * len(names), step_s, recipe.time_column
    )
    sources = {
        split: replace(
            make_source(
                f"{name}.{split}",
                counters.scaled(windows.values[rows]),
                windows.labels[rows],
                dict(enumerate(windows.label_names)),
                f"windows of {counters.steps} rows of {', '.join(path.name for path in paths)}",
            ),
            counters=counters.to_json(),
        )
        for split, rows in parts.items()
    }
    told = [line for table in tables for line in table.remarks] + remarks + left_out
    told.append(f"time step {step_s:g} s, {len(names)} counters: {', '.join(names)}")
    if dropped:
        told.append(f"{dropped} windows share rows with a later part: left out")
    return sources, told


def _check(recipe: Recipe) -> None:
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
    tables: Sequence[Table], recipe: Recipe
) -> tuple[list[str], list[NDArray[np.float64]], list[str]]:
    if recipe.like is None:
        not_counters = (recipe.time_column, recipe.label_column)
        return counter_columns(tables, not_counters, recipe.columns)
    return counter_columns(tables, (), recipe.like.names, may_be_constant=True)


def _windows(
    tables: Sequence[Table],
    values: Sequence[NDArray[np.float64]],
    recipe: Recipe,
    step_s: float,
) -> tuple[Windows, list[str]]:
    """All windows, and a line for each reason for which some were left out."""
    cuts = [
        cut(table, found, table.texts(recipe.label_column), recipe.steps, recipe.stride, step_s)
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
    rows = np.arange(recipe.steps)
    cut_out = [
        found[each.starts[:, np.newaxis] + rows] for found, each in zip(values, cuts, strict=True)
    ]
    number = {name: place for place, name in enumerate(names)}
    windows = Windows(
        np.concatenate(cut_out),
        np.repeat(np.arange(len(cuts)), [len(each.starts) for each in cuts]),
        np.concatenate([each.starts for each in cuts]),
        np.array([number[label] for each in cuts for label in each.labels], dtype=np.int64),
        names,
    )
    return windows, reasons


def _parts(windows: Windows, recipe: Recipe) -> tuple[dict[str, NDArray[np.int64]], int]:
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
