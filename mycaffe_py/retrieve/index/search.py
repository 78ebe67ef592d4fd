"""`mycaffe find`: queries asked of an index, and the report of what was found."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.pictures.boxes import Box
from mycaffe_py.data.plural import plural
from mycaffe_py.errors import UserError
from mycaffe_py.figures import distance_text
from mycaffe_py.files.read_each import Unread
from mycaffe_py.printable import one_line
from mycaffe_py.retrieve.index.embedder import Embedder
from mycaffe_py.retrieve.index.entries import shown_path
from mycaffe_py.retrieve.index.index import Hit, Index
from mycaffe_py.retrieve.index.queries import Query, read_query, together

_COLUMNS = ("query", "place", "row", "distance", "label", "path")


@dataclass(frozen=True)
class Asked:
    """How an index is asked. `label`: only rows of it; `same_label`: of that of each query.

    `together` asks once, with the mean of the rows of all queries. With `skip_itself` the row
    that is the query's own file or record does not count.
    """

    k: int
    within: float | None = None
    label: str = ""
    same_label: bool = False
    together: bool = False
    skip_itself: bool = False
    box: Box | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """What was found for one query, the nearest first; `images` (C, H, W) are what was asked."""

    query: str
    label: str
    images: tuple[NDArray[Any], ...]
    hits: tuple[Hit, ...]
    done: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """All answers, and the queries that could not be read."""

    index: Index
    asked: Asked
    snapshot: str
    answers: tuple[Answer, ...]
    unread: tuple[Unread, ...] = ()

    def lines(self) -> list[str]:
        """For people: a table for each query."""
        kind = "1 - cosine" if self.index.metric == "cosine" else "squared distances"
        count = len(self.index)
        told = [
            f"index {self.index.name}: {count:,} {plural(count, 'row')} by {self.snapshot}, {kind}"
        ]
        for answer in self.answers:
            told += ["", *self._table(answer)]
        return told

    def _table(self, answer: Answer) -> list[str]:
        label = f" ({answer.label})" if answer.label else ""
        done = f", {', '.join(answer.done)}" if answer.done else ""
        head = f"{answer.query}{label}{done}"
        if not answer.hits:
            within = self.asked.within
            return [one_line(f"{head}: nothing" + (f" within {within:g}" if within else ""))]
        width = max(5, *(len(hit.label) for hit in answer.hits))
        rows = [
            f"  {place:>5}  {distance_text(hit.distance):>10}  {hit.label:<{width}}  "
            f"{shown_path(hit.path)}"
            for place, hit in enumerate(answer.hits, 1)
        ]
        columns = f"  {'place':>5}  {'distance':>10}  {'label':<{width}}  path"
        return [one_line(line) for line in (head, columns, *rows)]

    def as_json(self) -> list[dict[str, Any]]:
        """For machines: an object for each query, those that could not be read at the end."""
        told: list[dict[str, Any]] = [
            {
                "query": answer.query,
                "label": answer.label or None,
                "found": [_hit_json(place, hit) for place, hit in enumerate(answer.hits, 1)],
                "done": list(answer.done),
                "index": self.index.name,
                "metric": self.index.metric,
                "snapshot": self.snapshot,
            }
            for answer in self.answers
        ]
        errors = [{"query": str(one.path), "error": str(one.error)} for one in self.unread]
        return [*told, *errors]

    def as_csv(self) -> str:
        """A row for each hit, under a head."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(_COLUMNS)
        for answer in self.answers:
            for place, hit in enumerate(answer.hits, 1):
                rows.writerow(
                    [answer.query, place, hit.row, repr(hit.distance), hit.label, hit.path]
                )
        return text.getvalue()


def search(index: Index, net: Embedder, names: Sequence[str], asked: Asked) -> Found:
    """Ask `index` for what is most like each of `names`.

    A query that cannot be read is told in the report and costs no other; asked together, it is an
    error. Errors: whatever `Index.find` finds, a label that nobody knows.
    """
    queries: list[Query] = []
    unread: list[Unread] = []
    for name in names:
        try:
            queries.append(read_query(name, index, net, asked.box))
        except UserError as error:
            if asked.together or len(names) == 1:
                raise
            unread.append(Unread(Path(name), error))
    answers = tuple(_answers(index, net, queries, asked)) if queries else ()
    weights = shown_path(str(net.base.weights_file))
    return Found(index, asked, weights, answers, tuple(unread))


def _answers(index: Index, net: Embedder, queries: Sequence[Query], asked: Asked) -> list[Answer]:
    rows = net.embed(np.stack([query.image for query in queries]))
    groups = [queries] if asked.together else [[query] for query in queries]
    if asked.together:
        rows = rows.mean(axis=0, keepdims=True)
    labels = [_label(group, asked) for group in groups]
    skip = [group[0].row if asked.skip_itself and len(group) == 1 else -1 for group in groups]
    found = index.find(
        rows, asked.k, within=asked.within, labels=labels, skip=np.array(skip, np.int64)
    )
    return [
        Answer(
            together(group),
            _common_label(group),
            tuple(query.image for query in group),
            tuple(hits),
            tuple(dict.fromkeys(done for query in group for done in query.done)),
        )
        for group, hits in zip(groups, found, strict=True)
    ]


def _label(group: Sequence[Query], asked: Asked) -> str | None:
    """The label that is looked for; None for any."""
    if asked.label:
        return asked.label
    if not asked.same_label:
        return None
    label = _common_label(group)
    if not label:
        raise UserError(
            f"the label of '{together(group)}' is not known",
            wanted="--same-label-only needs one label of all that is asked",
            do="Name it with --label LABEL.",
        )
    return label


def _common_label(group: Sequence[Query]) -> str:
    """The label of all queries of a group, "" where they have several."""
    labels = {query.label for query in group}
    return labels.pop() if len(labels) == 1 else ""


def _hit_json(place: int, hit: Hit) -> dict[str, Any]:
    return {
        "place": place,
        "row": hit.row,
        "distance": hit.distance,
        "label": hit.label or None,
        "path": hit.path,
    }
