"""`mycaffe index duplicates` and `outliers`: what is double, what is like no other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.data.plural import plural
from mycaffe_py.errors import UserError
from mycaffe_py.figures import distance_text
from mycaffe_py.printable import one_line
from mycaffe_py.retrieve.duplicates import Duplicates, near_duplicates
from mycaffe_py.retrieve.index.entries import shown_path
from mycaffe_py.retrieve.index.found_sheet import shown_row
from mycaffe_py.retrieve.index.index import Index
from mycaffe_py.retrieve.index.merging import NO_LABEL
from mycaffe_py.retrieve.nearest import nearest
from mycaffe_py.retrieve.outliers import NEIGHBOURS, Outliers, outliers
from mycaffe_py.retrieve.picture_rows import draw_rows

# How many rows tell what a usual distance to the nearest is, and which share of it is "double".
# Distances are squared: a hundredth of one is a tenth of the length.
_SAMPLE = 1000
_SHARE = 0.01
# A row of a sheet shows no more.
_ACROSS = 12


@dataclass(frozen=True, eq=False)
class DuplicateReport:
    """Groups of rows within a distance; `usual` is the median distance of a row to its nearest.

    `usual` is None where the user named the distance.
    """

    index: Index
    within: float
    usual: float | None
    groups: tuple[Duplicates, ...]
    top: int

    def lines(self) -> list[str]:
        """For people: the first `top` groups."""
        rows = sum(len(group.rows) for group in self.groups)
        told = [
            f"index {self.index.name}: {len(self.groups):,} {plural(len(self.groups), 'group')} "
            f"of {rows:,} rows within {distance_text(self.within)}{self._why()}"
        ]
        for number, group in enumerate(self.groups[: self.top], 1):
            told += ["", f"group {number}: {self._head(group)}"]
            for row, distance in zip(group.rows.tolist(), group.distances.tolist(), strict=True):
                label, path = self.index.label(row), shown_path(self.index.path(row))
                told.append(one_line(f"  {distance_text(distance)}  {label}  {path}"))
        if len(self.groups) > self.top:
            told += ["", f"and {len(self.groups) - self.top:,} more: --top N shows more"]
        return told

    def _why(self) -> str:
        if self.usual is None:
            return ""
        return f", 1/100 of the usual {distance_text(self.usual)} of a row to its nearest"

    def _head(self, group: Duplicates) -> str:
        sums = {self.index.entries[row].sha256 for row in group.rows.tolist()}
        parts = ["the same content" if len(sums) == 1 and "" not in sums else "nearly the same"]
        if self.mixed(group):
            parts.append("of different labels")
        return ", ".join(parts)

    def mixed(self, group: Duplicates) -> bool:
        """Whether rows with a label have different ones."""
        labels = self.index.labels[group.rows]
        return len(np.unique(labels[labels != NO_LABEL])) > 1

    def as_json(self) -> dict[str, Any]:
        """For machines: all groups."""
        return {
            "index": self.index.name,
            "within": self.within,
            "usual": self.usual,
            "groups": [
                {
                    "mixed": self.mixed(group),
                    "rows": [
                        _row_json(self.index, row, distance)
                        for row, distance in zip(
                            group.rows.tolist(), group.distances.tolist(), strict=True
                        )
                    ],
                }
                for group in self.groups
            ],
        }

    def draw(self, path: Path) -> int:
        """A row of pictures for each group; the number of rows."""
        rows = [
            [
                shown_row(self.index.path(row), (self.index.label(row), distance_text(distance)))
                for row, distance in zip(
                    group.rows.tolist()[:_ACROSS], group.distances.tolist(), strict=False
                )
            ]
            for group in self.groups[: self.top]
        ]
        return draw_rows(path, f"index {self.index.name}: alike", rows, apart=False)


def duplicates_of(index: Index, within: float | None, top: int) -> DuplicateReport:
    """Groups of rows that hang together by distances up to `within`; `top` are shown.

    Without it up to 1/100 of the median distance of a row to its nearest, of rows that are not
    equal. Errors: a distance below 0, top < 1, rows that are not finite.
    """
    if within is not None and not 0 <= within < np.inf:
        raise UserError(f"--within is {within}", wanted="a distance, 0 or more")
    if top < 1:
        raise UserError(f"--top is {top}", wanted="at least 1")
    usual = _usual_distance(index) if within is None else None
    limit = within if within is not None else _SHARE * (usual or 0.0)
    groups = near_duplicates(index.rows, index.labels, limit, index.metric)
    report = DuplicateReport(index, limit, usual, (), top)
    groups.sort(key=lambda group: not report.mixed(group))
    return DuplicateReport(index, limit, usual, tuple(groups), top)


def _usual_distance(index: Index) -> float:
    """The median over rows, evenly chosen, of the distance to the nearest other row."""
    chosen = np.unique(np.linspace(0, len(index) - 1, min(_SAMPLE, len(index))).astype(np.int64))
    found = nearest(index.rows[chosen], index.rows, 1, index.metric, skip=chosen)
    far = found.distances[np.isfinite(found.distances) & (found.distances > 0)]
    return float(np.median(far)) if len(far) else 0.0


@dataclass(frozen=True, eq=False)
class OutlierReport:
    """How far rows lie from those of their label, the farthest first."""

    index: Index
    k: int
    found: Outliers
    rows: tuple[int, ...]

    def lines(self) -> list[str]:
        """For people."""
        judged = len(self.found.order)
        told = [
            f"index {self.index.name}: mean distance to the {self.k} nearest of the label, as a "
            f"multiple of the label's median; {judged:,} rows judged",
            f"  {'ratio':>8}  {'distance':>10}  label  path",
        ]
        for row in self.rows:
            ratio, distance = self.found.ratios[row], self.found.distances[row]
            label, path = self.index.label(row), shown_path(self.index.path(row))
            told.append(
                one_line(f"  {ratio:>8.2f}  {distance_text(distance):>10}  {label:<5}  {path}")
            )
        return told

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "index": self.index.name,
            "k": self.k,
            "rows": [
                _row_json(self.index, row, float(self.found.distances[row]))
                | {
                    "ratio": float(self.found.ratios[row]),
                    "median": float(self.found.medians[row]),
                }
                for row in self.rows
            ],
        }

    def draw(self, path: Path) -> int:
        """The pictures in their order, some in a row; the number of rows."""
        shown = [
            shown_row(
                self.index.path(row), (self.index.label(row), f"{self.found.ratios[row]:.2f}")
            )
            for row in self.rows
        ]
        rows = [shown[start : start + _ACROSS] for start in range(0, len(shown), _ACROSS)]
        return draw_rows(path, f"index {self.index.name}: far out", rows, apart=False)


def outliers_of(index: Index, k: int | None, top: int) -> OutlierReport:
    """The `top` rows that lie farthest out, judged by their `k` nearest.

    Errors: k or top < 1, no label with two rows.
    """
    used = NEIGHBOURS if k is None else k
    for name, value in (("-k", used), ("--top", top)):
        if value < 1:
            raise UserError(f"{name} is {value}", wanted="at least 1")
    found = outliers(index.rows, index.labels, used, index.metric)
    with_label = found.order[index.labels[found.order] != NO_LABEL]
    if not len(with_label):
        raise UserError(
            f"no label of index '{index.name}' has two rows",
            wanted="a row is judged by the others of its label: the folder a picture lies in",
        )
    return OutlierReport(index, used, found, tuple(with_label[:top].tolist()))


def _row_json(index: Index, row: int, distance: float) -> dict[str, Any]:
    label = index.label(row) or None
    return {"row": row, "distance": distance, "label": label, "path": index.path(row)}
