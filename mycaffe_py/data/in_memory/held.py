"""The data sets that are held in memory, by name, for as long as somebody holds them.

A name is made of the content, so equal data have one name in every process, and the run card of a
snapshot tells which data it was.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from mycaffe_py.data.array_source import ArraySource

PREFIX = "in-memory-"
# Of the sum, in the name: enough to tell data sets apart.
_LETTERS = 12

_lock = threading.Lock()
# The splits of a data set, and how many hold it.
_held: dict[str, tuple[Mapping[str, ArraySource], int]] = {}


@contextmanager
def held(splits: Mapping[str, ArraySource]) -> Iterator[str]:
    """Hold a data set of these `splits` in the block; gives the name it can be opened by."""
    sums = "".join(f"{split}:{source.checksum}" for split, source in splits.items())
    name = f"{PREFIX}{hashlib.sha256(sums.encode()).hexdigest()[:_LETTERS]}"
    named = {split: replace(source, name=f"{name}.{split}") for split, source in splits.items()}
    with _lock:
        _held[name] = (named, _held[name][1] + 1 if name in _held else 1)
    try:
        yield name
    finally:
        with _lock:
            found, holders = _held.pop(name)
            if holders > 1:
                _held[name] = (found, holders - 1)


def splits_held(dataset: str) -> Mapping[str, ArraySource]:
    """The splits of `dataset`, none where nobody holds it."""
    found = _held.get(dataset)
    return found[0] if found is not None else {}
