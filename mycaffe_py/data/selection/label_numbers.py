"""Labels of many millions of images, looked at block by block: no step copies all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
# Numbers of the smallest type that holds them.
Small = NDArray[Any]

# Images looked at together.
BLOCK = 1 << 16
_LARGEST = 1 << 32


def least_type(largest: int) -> np.dtype[Any]:
    """The smallest type for numbers from 0 to `largest`."""
    # numpy knows no integers that hold both int64 and uint64.
    return np.min_scalar_type(largest) if largest < _LARGEST else np.dtype(np.int64)


def blocks(count: int, size: int = BLOCK) -> Iterator[slice]:
    """0 to `count` in slices of `size`."""
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def present_in(labels: Small) -> Indices:
    """The labels (L,) that one of `labels` (n,) is, ascending."""
    found = np.empty(0, np.int64)
    for at in blocks(len(labels)):
        found = np.union1d(found, labels[at])
    return found


def numbered(labels: Small) -> tuple[Indices, Small]:
    """The labels (L,) that an image has, ascending, and the place of each image's (n,) in them."""
    classes = present_in(labels)
    places = np.empty(len(labels), least_type(len(classes)))
    for at in blocks(len(labels)):
        places[at] = np.searchsorted(classes, labels[at])
    return classes, places


def counted(places: Small, classes: int) -> Indices:
    """(L,): how often each number from 0 to `classes` - 1 is among `places`."""
    counts = np.zeros(classes, np.int64)
    # A block costs as much as there are classes, at least.
    for at in blocks(len(places), max(BLOCK, classes)):
        counts += np.bincount(places[at], minlength=classes)
    return counts
