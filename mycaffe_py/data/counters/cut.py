"""Windows cut from a table: never across a gap, a missing value or a change of label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.counters.table import Table, listed
from mycaffe_py.errors import UserError

# Share of a time step by which the clock of a row may be off.
_CLOCK_TOLERANCE = 0.5


@dataclass(frozen=True)
class CounterCut:
    """First rows (n,) of the windows of a table, their labels, and what was left out and why."""

    starts: NDArray[np.int64]
    labels: list[str]
    left_out: dict[str, int]


def time_step(tables: Sequence[Table]) -> float:
    """The commonest time between two rows, in seconds. Errors: no table has two rows."""
    steps: Counter[float] = Counter()
    for table in tables:
        steps.update(np.round(np.diff(table.times_s), 6).tolist())
    if not steps:
        raise UserError("there are not two rows with a time", wanted="counters over time")
    return steps.most_common(1)[0][0]


def gaps(table: Table, step_s: float) -> NDArray[np.bool_]:
    """(n - 1,) True where a row does not follow the one before it by one time step."""
    off: NDArray[np.bool_] = np.abs(np.diff(table.times_s) - step_s) > _CLOCK_TOLERANCE * step_s
    return off


def cut(
    table: Table,
    values: NDArray[np.float64],
    labels: Sequence[str],
    steps: int,
    stride: int,
    step_s: float,
) -> CounterCut:
    """Windows of `steps` rows, one each `stride` rows, of values (n, F) with a label for each row.

    In a stretch without a gap the first window starts at its first row. A window is left out for
    the first reason that holds: a missing value, a row without label, labels that differ.
    """
    stretches = stretches_of(table, step_s)
    codes, names = _coded(labels)
    unlabelled = np.array([not label for label in labels], dtype=np.bool_)
    incomplete: NDArray[np.bool_] = np.any(np.isnan(values), axis=1)
    starts = window_starts(stretches, steps, stride)
    rows = starts[:, np.newaxis] + np.arange(steps)
    missing = incomplete[rows].any(axis=1)
    nameless = unlabelled[rows].any(axis=1) & ~missing
    alike = np.equal(codes[rows], codes[starts, np.newaxis]).all(axis=1)
    mixed = ~alike & ~missing & ~nameless
    kept: NDArray[np.int64] = starts[~(missing | nameless | mixed)]
    short = sum(end - first < steps for first, end in stretches)
    return CounterCut(
        kept,
        [names[codes[start]] for start in kept.tolist()],
        {
            "stretches between gaps are shorter than a window": short,
            "windows hold a missing value": int(missing.sum()),
            "windows hold a row without label": int(nameless.sum()),
            "windows hold rows of different labels": int(mixed.sum()),
        },
    )


def stretches_of(table: Table, step_s: float) -> list[tuple[int, int]]:
    """First row, and the one behind the last, of each stretch without a gap; gaps are remarked."""
    return list(pairwise(_edges(table, step_s)))


def window_starts(
    stretches: Sequence[tuple[int, int]], steps: int, stride: int
) -> NDArray[np.int64]:
    """First rows (n,) of the windows of `steps` rows, one each `stride` rows of a stretch."""
    return np.array(
        [start for first, end in stretches for start in range(first, end - steps + 1, stride)],
        dtype=np.int64,
    )


def _edges(table: Table, step_s: float) -> list[int]:
    """First rows of the stretches without gap, and the end of the last one; gaps are remarked."""
    broken = gaps(table, step_s)
    lines = table.lines[1:][broken].tolist()
    if lines:
        table.remarks.append(
            f"{table.path}: {len(lines)} gaps, where rows are not {step_s:g} s apart "
            f"({listed(lines)}): no window reaches over one"
        )
    return [0, *(np.flatnonzero(broken) + 1).tolist(), len(table.times_s)]


def _coded(labels: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """The number of each row's label (n,), and the labels by their numbers."""
    names = sorted(set(labels))
    number = {name: place for place, name in enumerate(names)}
    return np.array([number[label] for label in labels], dtype=np.int64), names
