"""The labels of all items of a user's object, for batches chosen by class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.layers.user.source_rows import RowsChecker

_WANTED = (
    "an object with __len__ and __getitem__, object[i] being an item and its label, as "
    "labels_per_batch chooses items by number"
)


def labels_of_items(
    found: Any, call: Callable[..., Any], checker: RowsChecker
) -> NDArray[np.int64]:
    """(n,) label of every item of `found`, the first one where an item has several.

    From `found.labels`, (n,) or (n, K), where it is there; else every item is asked for once.
    Errors: an object whose items cannot be asked for by number, labels that are no whole numbers.
    """
    if not (hasattr(found, "__getitem__") and hasattr(found, "__len__")):
        raise checker.error(0, f"it returned a {type(found).__name__}", _WANTED)
    count = call(len, found)
    if count < 1:
        raise checker.error(0, "it has no items")
    if hasattr(found, "labels"):
        given = np.asarray(found.labels)
        if given.ndim not in (1, 2) or len(given) != count or not given.size:
            shape = given.shape
            raise checker.error(
                0, f"its `labels` are {shape}", f"a label for each of its {count} items"
            )
    else:
        given = np.concatenate([_label(call(found.__getitem__, i), checker) for i in range(count)])
    first = given.reshape(count, -1)[:, 0]
    whole = first.astype(np.int64) if first.dtype.kind in "biuf" else np.full(count, -1)
    if (whole != first).any():
        item = int(np.argmax(whole != first))
        raise checker.error(0, f"item {item} has label {first[item]}", "labels are whole numbers")
    return whole


def _label(item: Any, checker: RowsChecker) -> NDArray[Any]:
    """(1,) or (1, K) labels of an item."""
    _, labels = checker.rows(item, 0)
    if checker.gives_batches:
        raise checker.error(0, "it gave batches", _WANTED)
    return labels
