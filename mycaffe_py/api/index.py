"""Search among many by a trained net: the most alike of what was given to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.api.turns import TURN
from mycaffe_py.array_types import FeatureRows
from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.index import index as retrieve


@dataclass(frozen=True, eq=False)
class Found:
    """What was found for Q queries, the nearest first; all arrays are (Q, k).

    `rows` are places in the index, `distances` float64; `labels` and `paths` are str, "" where an
    item has none.
    """

    rows: NDArray[np.int64]
    distances: NDArray[np.float64]
    labels: NDArray[np.str_]
    paths: NDArray[np.str_]


class Index:
    """Encodings of many items, which `find` searches.

    Made in memory by `TrainedNet.index`, or by `mycaffe index create` and opened by
    `TrainedNet.open_index`.
    """

    def __init__(self, items: retrieve.Index, encode: Callable[[Any], FeatureRows]) -> None:
        """`encode` makes (Q, D) of what is asked about, in the map of the `items`."""
        self._items = items
        self._encode = encode

    def __len__(self) -> int:
        return len(self._items)

    @property
    def vectors(self) -> FeatureRows:
        """(N, D): the encodings of the items; of an index on disk a memory map."""
        return self._items.rows

    def find(self, images: Any, k: int = retrieve.USUAL_K) -> Found:
        """The k nearest items for each of `images`, which are given as to `TrainedNet.encode`.

        Every item is looked at. Distances are squared (1 - cosine where the index was made so); of
        equal ones the lower row comes first. An item that is in the index finds itself. Of fewer
        than k items all are found. Errors: as of `encode`; k below 1.
        """
        if not isinstance(k, int | np.integer) or k < 1:
            raise UserError(f"{k!r} neighbours are asked for", wanted="a whole number from 1 on")
        queries = self._encode(images)
        with TURN:
            hits = self._items.find(queries, int(k))
        return Found(
            np.array([[hit.row for hit in own] for own in hits], np.int64),
            np.array([[hit.distance for hit in own] for own in hits], np.float64),
            np.array([[hit.label for hit in own] for own in hits], np.str_),
            np.array([[hit.path for hit in own] for own in hits], np.str_),
        )
