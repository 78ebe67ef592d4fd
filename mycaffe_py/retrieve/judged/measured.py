"""Marks of metric learning for a snapshot: how well its encodings find items of the same class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.label_match import class_names
from mycaffe_py.errors import UserError
from mycaffe_py.random_streams import stream
from mycaffe_py.retrieve.clustering import Agreement, label_agreement
from mycaffe_py.retrieve.distances import Metric, Rows
from mycaffe_py.retrieve.judged.rows import RowsOf, net_rows, random_rows, raw_rows
from mycaffe_py.retrieve.marks import Marks, summarize
from mycaffe_py.retrieve.nearest import Nearest, nearest
from mycaffe_py.retrieve.ranking import Ranking, rank
from mycaffe_py.retrieve.table import Searched, searched
from mycaffe_py.retrieve.verification import Verification, verify
from mycaffe_py.solver.team import ALONE, Team
from mycaffe_py.trained.learned_labels import label_names
from mycaffe_py.trained.measured_source import as_learned
from mycaffe_py.trained.snapshot import Snapshot

RANDOM = "random weights"


@dataclass(frozen=True)
class Judged:
    """Marks of one kind of rows, and how far their k-means clusters agree with the classes."""

    marks: Marks
    agreement: Agreement


@dataclass(frozen=True)
class Asked:
    """What is searched. `records` (Q,) are the numbers of the queries in `queries`, those of the
    gallery are all of `gallery`; without one the queries are searched among themselves."""

    queries: ArraySource
    records: Rows
    gallery: ArraySource | None

    @property
    def among(self) -> ArraySource:
        """Where the queries are searched."""
        return self.queries if self.gallery is None else self.gallery

    @property
    def among_records(self) -> Rows:
        """(N,): the numbers of the gallery's items in `among`."""
        return self.records if self.gallery is None else np.arange(len(self.gallery))

    def table(self, rows_of: RowsOf) -> Searched:
        """The rows of both, with their labels."""
        queries = rows_of(self.queries, self.records)
        labels = self.queries.labels[self.records]
        if self.gallery is None:
            return searched(queries, labels)
        rows = rows_of(self.gallery, self.among_records)
        return searched(queries, labels, rows, self.gallery.labels)


@dataclass(frozen=True)
class Retrieval:
    """What came out for the net, and for what it has to beat (`others`, by name).

    `unlearned` are the names of the query classes that the net has not learned, None where it is
    not known which it has. `left_out` says why a row is not among `others`.
    """

    snapshot: Snapshot
    asked: Asked
    metric: Metric
    table: Searched
    ranking: Ranking
    net: Judged
    others: dict[str, Judged]
    left_out: tuple[str, ...]
    verification: Verification
    unlearned: tuple[str, ...] | None

    def worst(self, count: int, k: int) -> tuple[Rows, Nearest]:
        """The rows (m,) of the `count` queries that fared worst, and their k nearest."""
        rows = self.ranking.worst(count)
        own = self.table.own_rows[rows]
        k = min(k, len(self.table.gallery) - int(self.table.itself))
        found = nearest(self.table.queries[rows], self.table.gallery, k, self.metric, skip=own)
        return rows, found


def measure_retrieval(
    snapshot: Snapshot,
    queries: ArraySource,
    gallery: ArraySource | None = None,
    items: int | None = None,
    metric: Metric = "squared",
    team: Team = ALONE,
) -> Retrieval:
    """Search `items` of the queries (all when None) in the gallery, or among themselves.

    Classes are matched by their names, whether the net has learned them or not. Fewer queries than
    all are drawn by chance, the same ones each time. All processes of `team` call this and share
    the work; what came out is for the first one, the marks of the others are NaN.

    Errors: no query has another item of its class in the gallery; fewer items than asked for;
    pictures that are not like the net's; encodings that are not finite.
    """
    asked = _asked(snapshot, queries, gallery, items)
    check_findable(asked)
    table = asked.table(net_rows(snapshot, team))
    ranking = rank(table, metric, team)
    seed = snapshot.card.seed
    net = _judged(table, ranking, seed, team)
    others, left_out = {}, []
    for name, rows_of in _to_beat(snapshot, asked.queries, team):
        found = asked.table(rows_of)
        if _says_nothing(found):
            left_out.append(f"{name}: its rows are all alike or not finite")
        else:
            others[name] = _judged(found, rank(found, metric, team), seed, team)
    return Retrieval(
        snapshot, asked, metric, table, ranking, net, others, tuple(left_out),
        verify(table, metric, seed=seed, team=team), _unlearned(snapshot, asked.queries),
    )  # fmt: skip


def verify_items(snapshot: Snapshot, source: ArraySource, far: float) -> Verification:
    """Whether two items of `source` are of one class, judged by their distance."""
    asked = _asked(snapshot, source, None, None)
    return verify(asked.table(net_rows(snapshot)), far_levels=(far,), seed=snapshot.card.seed)


def check_findable(asked: Asked) -> None:
    """Errors: no query can find anything."""
    labels, counts = np.unique(asked.among.labels[asked.among_records], return_counts=True)
    least = 2 if asked.gallery is None else 1
    if np.isin(asked.queries.labels[asked.records], labels[counts >= least]).any():
        return
    names = ", ".join(list(class_names(asked.queries).values())[:8])
    where = "its others" if asked.gallery is None else asked.gallery.name
    raise UserError(
        f"no query of {asked.queries.name} has an item of its class among {where}",
        wanted="at least one other item of a query's class, matched by name, can be found",
        do=f"The classes of the queries are {names}.",
    )


def _judged(table: Searched, ranking: Ranking, seed: int, team: Team) -> Judged:
    return Judged(
        summarize(ranking, seed), label_agreement(table.queries, table.query_labels, seed, team)
    )


def _to_beat(snapshot: Snapshot, queries: ArraySource, team: Team) -> Iterator[tuple[str, RowsOf]]:
    yield RANDOM, random_rows(snapshot, snapshot.card.seed, team)
    yield "raw values" if queries.counters else "raw pixels", raw_rows


def _says_nothing(table: Searched) -> bool:
    rows: tuple[NDArray[Any], ...] = (table.queries, table.gallery)
    finite = all(np.isfinite(some).all() for some in rows if some.dtype.kind == "f")
    return not finite or not any(np.ptp(some, axis=0).any() for some in rows)


def _asked(
    snapshot: Snapshot, queries: ArraySource, gallery: ArraySource | None, items: int | None
) -> Asked:
    """Labels of both as the net numbers classes of their names."""
    names = label_names(snapshot)
    found = _as_learned(snapshot, queries, names)
    there = None
    if gallery is not None and gallery.checksum != queries.checksum:
        there = _as_learned(snapshot, gallery, {**names, **class_names(found)})
        found = replace(found, label_names={**found.label_names, **there.label_names})
    return Asked(found, _drawn(snapshot, found, items), there)


def _as_learned(snapshot: Snapshot, source: ArraySource, names: dict[int, str]) -> ArraySource:
    return as_learned(snapshot, source, names) if snapshot.card.datasets else source


def _drawn(snapshot: Snapshot, source: ArraySource, items: int | None) -> Rows:
    count = len(source)
    if items is None or items == count:
        return np.arange(count)
    if not 0 < items < count:
        raise UserError(
            f"{items} items are asked for", wanted=f"{source.name} has {count:,} of them"
        )
    order = stream(snapshot.card.seed, "retrieval/queries").permutation(count)
    return np.sort(order[:items])


def _unlearned(snapshot: Snapshot, queries: ArraySource) -> tuple[str, ...] | None:
    """Names of the query classes among those that the net has not learned."""
    names = label_names(snapshot)
    if not names:
        return None
    return tuple(name for label, name in class_names(queries).items() if label not in names)
