"""Floor 2. The images of each label as lists, with the O(1) steps that pair selection takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LabelLists:
    """For n images with labels (n,) in 0 ... L-1, each label with an image.

    `images` (n,): all images, those of label 0 first, in the order of the source within a label;
    `starts` (L,), `counts` (L,): where a label's list lies in `images`;
    `rank` (n,): place of an image in its label's list;
    `next_other` (n,): the first later image with another label, going round at the end.
    """

    labels: Indices
    images: Indices
    starts: Indices
    counts: Indices
    rank: Indices
    next_other: Indices

    @staticmethod
    def of(labels: Indices) -> LabelLists:
        """Sort the images by label."""
        images = np.argsort(labels, kind="stable")
        counts = np.bincount(labels)
        starts = np.cumsum(counts) - counts
        rank = np.empty_like(images)
        rank[images] = np.arange(len(labels)) - starts[labels[images]]
        run_starts = np.flatnonzero(labels != np.roll(labels, 1))
        following = np.searchsorted(run_starts, np.arange(len(labels)), side="right")
        # With one label there is no run that starts, and no other image: -1 is never read then.
        next_other = (
            run_starts[following % len(run_starts)]
            if len(run_starts)
            else np.full(len(labels), -1, dtype=np.int64)
        )
        return LabelLists(labels, images, starts, counts, rank, next_other)

    @property
    def alone(self) -> NDArray[np.bool_]:
        """(n,): whether an image has its label to itself, and so no partner of one label."""
        found: NDArray[np.bool_] = self.counts[self.labels] == 1
        return found

    @cached_property
    def next_paired(self) -> Indices:
        """(n,): the image itself where it is not alone, else the first later one that is not.

        Going round at the end; some label must have two images.
        """
        paired = np.flatnonzero(~self.alone)
        place = np.searchsorted(paired, np.arange(len(self.labels)))
        return paired[place % len(paired)]

    def at(self, label: Indices, place: Indices) -> Indices:
        """Images at `place` of the lists of `label`."""
        found: Indices = self.images[self.starts[label] + place]
        return found

    def same_label(self, primary: Indices, place: Indices) -> Indices:
        """Images of the primary's label, the primary only where it is alone.

        0 <= place < count - 1, or 0 of a label with one image.
        """
        label = self.labels[primary]
        return self.at(label, (place + (place >= self.rank[primary])) % self.counts[label])

    def same_label_in_turn(self, primary: Indices, turn: Indices) -> Indices:
        """Image number `turn` (going round) of the primary's label; its successor if that is it."""
        label = self.labels[primary]
        place = turn % self.counts[label]
        place = (place + (place == self.rank[primary])) % self.counts[label]
        return self.at(label, place)

    def other_label(self, primary: Indices, place: Indices) -> Indices:
        """Images of any other label; 0 <= place < n - count."""
        label = self.labels[primary]
        found: Indices = self.images[place + (place >= self.starts[label]) * self.counts[label]]
        return found
