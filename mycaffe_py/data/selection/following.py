"""Which images a batch holds that is kept in step with another one, by a seed and a number alone.

The leading batch says which labels, in which order; an image of each is taken from another source.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.selection.choice import Chooses
from mycaffe_py.data.selection.label_lists import LabelLists
from mycaffe_py.data.selection.label_numbers import Indices, Small, least_type, numbered
from mycaffe_py.random_streams import stream

# Batches chosen at a time: for one alone, the calls would cost far more than the numbers.
_BATCHES = 64


class SameRecords:
    """The record numbers of the leading batch: both sources hold the same things in one order."""

    def __init__(self, leader: Chooses) -> None:
        self.leader = leader
        self.batch_size = leader.batch_size
        self.images_per_blob = leader.images_per_blob

    def records(self, batch_number: int) -> Indices:
        """Image numbers (N, k), those of the leader."""
        return self.leader.records(batch_number)


class SameLabels:
    """Records (N, k) of images with the labels of the leading batch, row by row.

    `leading` (m,) are the labels of the leader's source, `labels` (n,) those of this one, numbered
    alike; every label that the leader shows, of `leading`, is among `labels`.
    `random`: of each label, images are drawn without repetition in the batches of a chunk, as long
    as there are enough. Otherwise the first image of a label goes with the first one of that label
    in the leader's source, the second with the second, going round.
    """

    def __init__(
        self,
        leader: Chooses,
        leading: Indices,
        labels: Indices,
        seed: int = 0,
        purpose: str = "train",
        random: bool = True,
    ) -> None:
        self.leader = leader
        self.batch_size = leader.batch_size
        self.images_per_blob = leader.images_per_blob
        self.seed = seed
        self.purpose = purpose
        self.random = random
        classes, places = numbered(labels)
        self.lists = LabelLists.of(places)
        self.leading = leading
        self._class_of = np.searchsorted(classes, leading).astype(least_type(len(classes)))
        self._rank = _rank(leading)
        self._chosen = lru_cache(maxsize=2)(self._choose)

    def records(self, batch_number: int) -> NDArray[np.int64]:
        """Image numbers (N, k) of batch `batch_number` >= 0."""
        chunk, place = divmod(batch_number, _BATCHES)
        chosen: NDArray[np.int64] = self._chosen(chunk)[place]
        return chosen

    def _choose(self, chunk: int) -> Indices:
        """(_BATCHES, N, k) records; nobody may write into them."""
        first = chunk * _BATCHES
        led = np.stack([self.leader.records(first + n) for n in range(_BATCHES)])
        classes = self._class_of[led].astype(np.int64)
        places = self._drawn(chunk, classes) if self.random else self._in_turn(led, classes)
        chosen = self.lists.at(classes, places)
        chosen.flags.writeable = False
        return chosen

    def _in_turn(self, led: Indices, classes: Indices) -> Indices:
        """The place of each image of the leader among those of its label, going round.

        Where that comes twice in an item, the next one.
        """
        counts = self.lists.counts[classes]
        places: Indices = self._rank[led] % counts
        for later in range(1, places.shape[-1]):
            # As often as there are earlier ones: the next place may be one of theirs, too.
            for earlier in list(range(later)) * later:
                same = (places[..., later] == places[..., earlier]) & (
                    classes[..., later] == classes[..., earlier]
                )
                places[..., later] = (places[..., later] + same) % counts[..., later]
        return places

    def _drawn(self, chunk: int, classes: Indices) -> Indices:
        """A place in the list of each of `classes`, any shape."""
        numbers = stream(self.seed, f"following/{self.purpose}", chunk)
        flat = classes.reshape(-1)
        order = np.argsort(flat, kind="stable")
        found = np.empty_like(flat)
        wanted = np.bincount(flat, minlength=len(self.lists.counts))
        start = 0
        for label in np.flatnonzero(wanted).tolist():
            count, much = int(self.lists.counts[label]), int(wanted[label])
            drawn = numbers.choice(count, min(count, much), replace=False)
            # More than there are: all of them again, in the same order, so none follows itself.
            found[order[start : start + much]] = np.resize(drawn, much)
            start += much
        return found.reshape(classes.shape)


def _rank(labels: Indices) -> Small:
    """(m,): place of each image among those of its label."""
    return LabelLists.of(numbered(labels)[1]).rank
