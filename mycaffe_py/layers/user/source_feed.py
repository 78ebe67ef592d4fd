"""Batches from what a user's function returns: an iterable, or an object with numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import Shape
from mycaffe_py.data.batch_feed import PlainFeed
from mycaffe_py.data.selection.choice import Chooses
from mycaffe_py.layers.user.source_labels import labels_of_items
from mycaffe_py.layers.user.source_rows import LabelledRows, RowsChecker


class SourceFeed(PlainFeed):
    """Tops: data (N, C, H, W) and label (N,) or (N, K), as `make` says.

    `make` gives a fresh object that always counts or yields the same. One with __getitem__ is
    asked by number: object[i] is item i, modulo its length if it has one; or batch i, where
    object[0] is a batch. Any other is iterated over, item by item or batch by batch; at its end a
    fresh one begins. There a batch out of order costs all batches before it.
    `choose` gets the labels of all items and returns what says which items a batch holds.
    All of the user's code runs in `call(function, *arguments)`, which tells its errors.
    Errors: those of `checker`, and an object that is neither.
    """

    def __init__(
        self,
        make: Callable[[], Any],
        call: Callable[..., Any],
        checker: RowsChecker,
        batch_size: int,
        label_count: int = 0,
        top_count: int = 2,
        choose: Callable[[NDArray[np.int64]], Chooses] | None = None,
    ) -> None:
        """Asks for the first item or batch, which tells the shapes."""
        self.make = make
        self.call = call
        self.checker = checker
        self.batch_size = batch_size
        self.label_count = label_count
        self.top_count = top_count
        self._object = call(make)
        self._numbered = hasattr(self._object, "__getitem__")
        self.choice: Chooses | None = None
        if choose is not None:
            self.choice = choose(labels_of_items(self._object, call, checker))
        # Of an iterator: the batch that comes next, and rows that nobody has got yet.
        self._next = 0
        self._left: list[LabelledRows] = []
        if self._numbered:
            self._first = checker.rows(self._at(0), 0)
        elif not hasattr(self._object, "__iter__"):
            kind = type(self._object).__name__
            raise checker.error(0, f"it returned a {kind}", "something to iterate over")
        else:
            self._iterator: Iterator[Any] = call(iter, self._object)
            self._first = self._following(0)
            self._left = [self._first]

    @property
    def shapes(self) -> list[Shape]:
        """Shape of each top."""
        images, labels = self._first
        shapes = [(self.batch_size, *images.shape[1:]), (self.batch_size, *labels.shape[1:])]
        return shapes[: self.top_count]

    def fill(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Write batch `batch_number` into `tops`."""
        if self._numbered:
            parts = self._numbered_parts(batch_number)
        else:
            if batch_number < self._next:
                self._again()
            while self._next < batch_number:
                self._take(self._next)
            parts = self._take(batch_number)
        for top, arrays in zip(tops, zip(*parts, strict=True), strict=False):
            # A number beyond float32 becomes endless, and is found below.
            with np.errstate(over="ignore"):
                np.concatenate(arrays, out=top, casting="unsafe")
        self.checker.check_finite(tops, batch_number)
        self.checker.check_held(parts, tops, batch_number)

    def _numbered_parts(self, batch: int) -> list[LabelledRows]:
        if self.checker.gives_batches:
            return [self.checker.rows(self._at(batch), batch, self.batch_size)]
        items: Sequence[int] = range(batch * self.batch_size, (batch + 1) * self.batch_size)
        if self.choice is not None:
            items = self.choice.records(batch)[:, 0].tolist()
        return [self.checker.rows(self._at(item), batch) for item in items]

    def _at(self, number: int) -> Any:
        count = self.call(len, self._object) if hasattr(self._object, "__len__") else 0
        return self.call(self._object.__getitem__, number % count if count else number)

    def _take(self, batch: int) -> list[LabelledRows]:
        """The rows of the next batch, which is `batch`."""
        parts, lacking = [], self.batch_size
        while lacking:
            images, labels = self._left.pop() if self._left else self._following(batch)
            parts.append((images[:lacking], labels[:lacking]))
            if len(images) > lacking:
                self._left.append((images[lacking:], labels[lacking:]))
            lacking -= len(parts[-1][0])
        self._next = batch + 1
        return parts

    def _following(self, batch: int) -> LabelledRows:
        """The rows that the iterator yields next; after its end it begins again."""
        nothing = object()
        found = self.call(next, self._iterator, nothing)
        if found is nothing:
            self._iterator = self.call(iter, self.call(self.make))
            found = self.call(next, self._iterator, nothing)
        if found is nothing:
            raise self.checker.error(batch, "it has no items")
        return self.checker.rows(found, batch)

    def _again(self) -> None:
        """Begin again at batch 0."""
        self._iterator = self.call(iter, self.call(self.make))
        self._left.clear()
        self._next = 0
