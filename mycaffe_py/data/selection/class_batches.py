"""Batches of P classes with K images each, for losses that form pairs or triplets in them.

Which ones: a pure function of the seed and the batch number, as in selection.py. The classes are
shuffled once an epoch and taken P at a time, so none comes twice in a batch; those that do not fill
a last batch wait for the next epoch, whose order is another. The images of a class are drawn anew
for each batch, without repetition where it has K.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.plural import plural
from mycaffe_py.data.selection.label_lists import LabelLists
from mycaffe_py.data.selection.label_numbers import Indices, numbered
from mycaffe_py.errors import UserError, Where
from mycaffe_py.random_streams import stream

# Batches chosen at a time: for one alone, the calls would cost far more than the numbers.
_BATCHES = 64
# How many classes a line lists by name.
_LISTED = 8


class ClassBatches:
    """Records (P * K, 1) of any batch, the images of a class one behind the other.

    `labels` (n,) may have gaps; `names` is for what people read.

    Errors: fewer than P classes.
    """

    images_per_blob = 1

    def __init__(
        self,
        labels: Indices,
        labels_per_batch: int,
        images_per_label: int,
        seed: int = 0,
        purpose: str = "train",
        where: Where | None = None,
        names: Mapping[int, str] | None = None,
    ) -> None:
        self.classes, places = numbered(labels)
        self.lists = LabelLists.of(places)
        self.names = names or {}
        self.labels_per_batch = labels_per_batch
        self.images_per_label = images_per_label
        self.batch_size = labels_per_batch * images_per_label
        self.seed = seed
        self.purpose = purpose
        if len(self.classes) < labels_per_batch:
            raise UserError(
                f"labels_per_batch is {labels_per_batch}, but the source has images of "
                f"{len(self.classes)} {plural(len(self.classes), 'class')}",
                where=where,
                wanted="the classes of a batch are different ones",
                do="Lower labels_per_batch, and batch_size with it.",
            )
        self._chosen = lru_cache(maxsize=2)(self._choose)

    def records(self, batch_number: int) -> NDArray[np.int64]:
        """Image numbers (P * K, 1) of batch `batch_number` >= 0."""
        chunk, place = divmod(batch_number, _BATCHES)
        chosen: NDArray[np.int64] = self._chosen(chunk)[place]
        return chosen

    @property
    def scarce(self) -> str:
        """The classes of which a batch holds an image twice, in one line; "" for none."""
        few = np.flatnonzero(self.lists.counts < self.images_per_label)
        if not len(few):
            return ""
        named = [f"{self._name(n)} ({self.lists.counts[n]})" for n in few[:_LISTED].tolist()]
        more = f", ... {len(few) - _LISTED} more" if len(few) > _LISTED else ""
        have = "has" if len(few) == 1 else "have"
        return (
            f"{len(few)} {plural(len(few), 'class')} {have} fewer than images_per_label "
            f"{self.images_per_label} images, so some come twice in a batch: "
            f"{', '.join(named)}{more}"
        )

    def _name(self, number: int) -> str:
        label = int(self.classes[number])
        return self.names.get(label, str(label))

    def _choose(self, chunk: int) -> NDArray[np.int64]:
        """(_BATCHES, P * K, 1) records; nobody may write into them."""
        batches = np.arange(chunk * _BATCHES, (chunk + 1) * _BATCHES, dtype=np.int64)
        classes = self._classes_of(batches)
        chosen = self.lists.at(classes[..., np.newaxis], self._places(chunk, classes))
        chosen = chosen.reshape(_BATCHES, self.batch_size, 1)
        chosen.flags.writeable = False
        return chosen

    def _classes_of(self, batches: Indices) -> Indices:
        """(batches, P) classes, counted from 0."""
        taken = np.arange(self.labels_per_batch)
        epochs, places = np.divmod(batches, len(self.classes) // self.labels_per_batch)
        found = np.empty((len(batches), self.labels_per_batch), np.int64)
        for epoch in np.unique(epochs).tolist():
            numbers = stream(self.seed, f"class_batches/{self.purpose}/classes", epoch)
            order = numbers.permutation(len(self.classes))
            rows = epochs == epoch
            found[rows] = order[places[rows, np.newaxis] * self.labels_per_batch + taken]
        return found

    def _places(self, chunk: int, classes: Indices) -> Indices:
        """(batches, P, K) places in the lists of `classes` (batches, P).

        Floyd's way to draw K of n: draw number j falls on 0 ... n - K + j, and where that is taken
        already, n - K + j is not. A class with fewer than K is gone round from any place.
        """
        numbers = stream(self.seed, f"class_batches/{self.purpose}/images", chunk)
        counts = self.lists.counts[classes]
        k = self.images_per_label
        start = numbers.integers(0, counts)
        places: Indices = (start[..., np.newaxis] + np.arange(k)) % counts[..., np.newaxis]
        enough = counts >= k
        for j in range(k):
            last = np.maximum(counts - k + j, 0)
            drawn = numbers.integers(0, last + 1)
            taken = (places[..., :j] == drawn[..., np.newaxis]).any(axis=-1)
            places[..., j] = np.where(enough, np.where(taken, last, drawn), places[..., j])
        return places
