"""The images of each label as lists, with the O(1) steps that pair selection takes.

There may be many millions of images, so an image takes a few bytes here: numbers are of the
smallest type that holds them, and no step makes an array of all images.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.selection.label_numbers import (
    BLOCK,
    Indices,
    Small,
    blocks,
    counted,
    least_type,
)


@dataclass(frozen=True, eq=False)
class LabelLists:
    """For n images with labels (n,) in 0 ... L-1, each label with an image.

    `images` (n,): all images, those of label 0 first, in the order of the source within a label;
    `starts` (L,), `counts` (L,): where a label's list lies in `images`.
    """

    labels: Small
    images: Small
    starts: Indices
    counts: Indices

    @staticmethod
    def of(labels: Small) -> LabelLists:
        """Sort the images by label."""
        classes = int(labels.max()) + 1 if len(labels) else 0
        counts = counted(labels, classes)
        starts = np.cumsum(counts) - counts
        images = np.empty(len(labels), least_type(len(labels)))
        ends = starts.copy()
        for at in blocks(len(labels), max(BLOCK, classes)):
            order = np.argsort(labels[at], kind="stable")
            sorted_labels = labels[at][order]
            found = np.bincount(sorted_labels, minlength=classes)
            # Places count through the block; a label's images go on where its list ends.
            shift = ends - (np.cumsum(found) - found)
            images[np.arange(len(order)) + shift[sorted_labels]] = order + at.start
            ends += found
        return LabelLists(labels, images, starts, counts)

    @cached_property
    def rank(self) -> Small:
        """(n,): place of an image in its label's list."""
        rank = np.empty(len(self.labels), self.images.dtype)
        for at in blocks(len(self.images)):
            images = self.images[at]
            rank[images] = np.arange(at.start, at.stop) - self.starts[self.labels[images]]
        return rank

    def alone(self, images: Indices) -> NDArray[np.bool_]:
        """Whether each of the `images` is the only one with its label, and so has no partner."""
        found: NDArray[np.bool_] = self.counts[self.labels[images]] == 1
        return found

    @cached_property
    def paired(self) -> Small:
        """The images that are not alone, in the order of the source."""
        found = np.flatnonzero((self.counts > 1)[self.labels])
        return found.astype(self.images.dtype)

    def next_paired(self, images: Indices) -> Indices:
        """Each of the `images` where it is not alone, else the first later one that is not.

        Going round at the end; some label must have two images.
        """
        place = np.searchsorted(self.paired, images.astype(self.paired.dtype))
        return self.paired[place % len(self.paired)].astype(np.int64)

    @cached_property
    def _run_starts(self) -> Small:
        """The images with another label than the one before them, going round."""
        first = self.labels[:1] != self.labels[-1:]
        starts = np.flatnonzero(np.concatenate([first, self.labels[1:] != self.labels[:-1]]))
        return starts.astype(self.images.dtype)

    def next_other(self, images: Indices) -> Indices:
        """The first later image with another label, going round at the end.

        With one label alone there is none, and the image itself stands for it.
        """
        starts = self._run_starts
        if not len(starts):
            return images
        place = np.searchsorted(starts, images.astype(starts.dtype), side="right")
        return starts[place % len(starts)].astype(np.int64)

    def at(self, label: Small, place: Indices) -> Indices:
        """Images at `place` of the lists of `label`."""
        found: Indices = self.images[self.starts[label] + place].astype(np.int64)
        return found

    def same_label(self, primary: Indices, place: Indices) -> Indices:
        """Images of the primary's label, the primary only where it is alone.

        0 <= place < count - 1, or 0 of a label with one image.
        """
        label = self.labels[primary]
        # A list ascends: from the primary's place in it on, one is passed over.
        place = place + (self.at(label, place) >= primary)
        return self.at(label, place % self.counts[label])

    def same_label_in_turn(self, primary: Indices, turn: Indices) -> Indices:
        """Image number `turn` (going round) of the primary's label; its successor if that is it."""
        label = self.labels[primary]
        place = turn % self.counts[label]
        place = (place + (self.at(label, place) == primary)) % self.counts[label]
        return self.at(label, place)

    def other_label(self, primary: Indices, place: Indices) -> Indices:
        """Images of any other label; 0 <= place < n - count."""
        label = self.labels[primary]
        place = place + (place >= self.starts[label]) * self.counts[label]
        found: Indices = self.images[place].astype(np.int64)
        return found
