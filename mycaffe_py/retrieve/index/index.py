"""The index: rows to search in, with labels and paths. `build.py` makes and changes it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.dataset_paths import data_folder
from mycaffe_py.errors import UserError
from mycaffe_py.errors import nearest as nearest_name
from mycaffe_py.files.schema import DamagedError
from mycaffe_py.retrieve.distances import Metric, Rows
from mycaffe_py.retrieve.index.entries import Entries, Entry, entries_text
from mycaffe_py.retrieve.index.index_card import (
    IndexCard,
    IndexFiles,
    damaged,
    index_folder,
    index_names,
    read_index_card,
)
from mycaffe_py.retrieve.index.merging import NO_LABEL
from mycaffe_py.retrieve.index.writing import LABEL_TYPE, ROW_TYPE, check_index
from mycaffe_py.retrieve.nearest import nearest

# Another process may replace the files between the reading of the card and theirs.
_TRIES = 10
USUAL_K = 10


class Hit(NamedTuple):
    """One row that was found: `distance` is squared, or 1 - cosine; `label` "" for none."""

    row: int
    distance: float
    label: str
    path: str


@dataclass(frozen=True, eq=False)
class Index:
    """Rows (N, D) float32, which may lie in a file, and what is known of each.

    `labels` (N,) are numbers in `label_names`, -1 for none. `paths` is "" for rows that come from
    no file. `card` is None where the index is in memory only.

    >>> index = Index.of(np.array([[0.0, 0], [3, 4], [0, 1]]), ["a", "b", "a"])
    >>> [(hit.row, hit.distance, hit.label) for hit in index.find([[0, 0]], k=2)[0]]
    [(0, 0.0, 'a'), (2, 1.0, 'a')]
    """

    rows: NDArray[np.float32] = field(repr=False)
    labels: Rows = field(repr=False)
    label_names: Mapping[int, str]
    metric: Metric = "squared"
    card: IndexCard | None = None
    entries: Entries = field(default_factory=Entries.none, repr=False)

    @staticmethod
    def of(
        rows: NDArray[Any],
        labels: Sequence[str] | None = None,
        metric: Metric = "squared",
        paths: Sequence[str] = (),
    ) -> Index:
        """An index in memory of `rows` (N, D), the names of their labels, "" for none, and paths.

        Errors: another number of labels or paths; searching tells of rows that are not finite.
        """
        if len(paths) not in (0, len(rows)):
            raise UserError(f"{len(paths):,} paths for {len(rows):,} rows")
        names = [""] * len(rows) if labels is None else list(labels)
        if len(names) != len(rows):
            raise UserError(f"{len(names):,} labels for {len(rows):,} rows")
        known = {name: n for n, name in enumerate(sorted({name for name in names if name}))}
        numbers = np.array([known.get(name, NO_LABEL) for name in names], np.int64)
        table = np.ascontiguousarray(rows, np.float32)
        entries = Entries(entries_text(Entry(path, None, "") for path in paths))
        names_of = {n: name for name, n in known.items()}
        return Index(table, numbers, names_of, metric, entries=entries)

    @staticmethod
    def open(name: str) -> Index:
        """The index called `name`. Errors: there is none, or it is damaged."""
        missing = ""
        for _ in range(_TRIES):
            card = read_index_card(name)
            try:
                return _opened(card)
            except FileNotFoundError as error:
                missing = str(error.filename)
            except OSError as error:
                raise damaged(name, f"{error.filename}: {error.strerror or error}") from error
            except DamagedError as error:
                raise damaged(name, str(error)) from error
        raise damaged(name, f"{missing} is missing")

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @property
    def name(self) -> str:
        """Its name, "" in memory."""
        return "" if self.card is None else self.card.name

    @property
    def card_on_disk(self) -> IndexCard:
        """Its card. Errors: it is in memory only."""
        if self.card is None:
            raise UserError("an index in memory has no files")
        return self.card

    def label(self, row: int) -> str:
        """Name of a row's label, "" for none."""
        number = int(self.labels[row])
        return "" if number == NO_LABEL else self.label_names.get(number, str(number))

    def path(self, row: int) -> str:
        """Where a row is from: a file, or MNIST.testing:17; "" in memory."""
        return self.entries[row].path if len(self.entries) else ""

    def find(
        self,
        queries: Any,
        k: int = USUAL_K,
        *,
        within: float | None = None,
        labels: Sequence[str | None] | None = None,
        skip: Rows | None = None,
    ) -> list[list[Hit]]:
        """For each of `queries` (Q, D) its k nearest rows, the nearest first, ties by row.

        Only those at a distance up to `within`; only those of the query's label in `labels`, where
        that is not None. `skip` (Q,) are rows that do not count, -1 for none.

        Errors: k < 1, another D, NaN or infinity, a label that no row has.
        """
        table = np.asarray(queries)
        if k < 1:
            raise UserError(f"-k is {k}", wanted="at least 1")
        if within is not None and not 0 <= within < math.inf:
            raise UserError(f"--within is {within}", wanted="a distance, 0 or more")
        few = min(k, max(1, len(self)))
        wanted = list(labels) if labels is not None else [None] * len(table)
        left_out = np.full(len(table), -1, np.int64) if skip is None else np.asarray(skip)
        found: list[list[Hit]] = [[] for _ in table]
        for label in dict.fromkeys(wanted):
            asked = np.array([q for q, one in enumerate(wanted) if one == label], np.int64)
            hits = self._find(table[asked], few, label, left_out[asked])
            for place, own in zip(asked.tolist(), hits, strict=True):
                found[place] = [h for h in own if within is None or h.distance <= within]
        return found

    def _find(
        self, queries: NDArray[Any], k: int, label: str | None, skip: Rows
    ) -> list[list[Hit]]:
        """The nearest among rows of one label, or of all."""
        if label is None:
            own, rows, skipped = None, self.rows, skip
        else:
            own = np.flatnonzero(self.labels == self._number(label))
            rows = self.rows[own]
            places = np.searchsorted(own, skip).clip(max=max(0, len(own) - 1))
            skipped = np.where(own[places] == skip, places, -1) if len(own) else skip * 0 - 1
        result = nearest(queries, rows, k, self.metric, skip=skipped)
        real = result.rows if own is None else np.where(result.rows < 0, -1, own[result.rows])
        return [
            [
                Hit(row, distance, self.label(row), self.path(row))
                for row, distance in zip(some, far, strict=True)
                if row >= 0
            ]
            for some, far in zip(real.tolist(), result.distances.tolist(), strict=True)
        ]

    def _number(self, label: str) -> int:
        for number, name in self.label_names.items():
            if name == label:
                return number
        raise UserError(
            f"no row has the label '{label}'", do=nearest_name(label, self.label_names.values())
        )


def usual_index() -> str:
    """The name of the only index there is. Errors: there is none, or more than one."""
    names = index_names()
    if len(names) == 1:
        return names[0]
    raise UserError(
        "no index is named" if names else f"there is no index in {data_folder()}",
        do=f"--index {' or '.join(names)}." if names else "'mycaffe index create' makes one.",
    )


def _opened(card: IndexCard) -> Index:
    """The files of a card. Errors: FileNotFoundError, DamagedError, UserError."""
    files = IndexFiles(index_folder(card.name), card.number)
    if card.size < 1 or card.number < 1:
        raise DamagedError("its card tells no table")
    check_index(card, files)
    if card.rows:
        mapped = np.memmap(files.rows, dtype=ROW_TYPE, mode="r", shape=(card.rows, card.size))
        rows = np.asarray(mapped)
    else:
        rows = np.empty((0, card.size), np.float32)
    labels = np.fromfile(files.labels, LABEL_TYPE).astype(np.int64)
    entries = Entries(files.paths.read_bytes())
    if len(entries) != card.rows:
        raise DamagedError(f"its list of paths has {len(entries):,} of {card.rows:,} lines")
    metric: Metric = "cosine" if card.cosine else "squared"
    return Index(rows, labels, dict(card.label_names), metric, card, entries)
