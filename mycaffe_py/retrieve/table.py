"""What is ranked: queries and a gallery, with a label each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.distances import Rows, check_shapes


@dataclass(frozen=True)
class Searched:
    """Queries (Q, D) with labels (Q,) and a gallery (N, D) with labels (N,).

    Where the gallery is the queries themselves (`itself`), row q does not count for query q.
    """

    queries: NDArray[Any]
    query_labels: Rows
    gallery: NDArray[Any]
    gallery_labels: Rows
    itself: bool

    @property
    def own_rows(self) -> Rows:
        """The gallery row that is the query itself (Q,), -1 for none."""
        count = len(self.queries)
        return np.arange(count) if self.itself else np.full(count, -1, np.int64)


def searched(
    queries: NDArray[Any],
    query_labels: NDArray[Any],
    gallery: NDArray[Any] | None = None,
    gallery_labels: NDArray[Any] | None = None,
) -> Searched:
    """Without a gallery the queries are searched among themselves.

    Errors: as many labels as rows are wanted; rows of another width.
    """
    itself = gallery is None
    if (gallery is None) != (gallery_labels is None):
        raise ValueError("a gallery and its labels go together")
    rows = queries if gallery is None else gallery
    labels = _labels(query_labels, queries, "query")
    check_shapes(queries, rows)
    others = labels if gallery_labels is None else _labels(gallery_labels, rows, "gallery")
    return Searched(queries, labels, rows, others, itself)


def _labels(labels: NDArray[Any], rows: NDArray[Any], what: str) -> Rows:
    numbers = np.asarray(labels)
    if numbers.shape != (len(rows),) or numbers.dtype.kind not in "iub":
        raise UserError(
            f"{what} labels of shape {numbers.shape} and type {numbers.dtype} for "
            f"{len(rows):,} rows",
            wanted="one whole number a row is wanted",
        )
    return numbers.astype(np.int64)
