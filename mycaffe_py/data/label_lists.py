"""Floor 2. The images of each label as lists, with the O(1) steps that pair selection takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError, Where

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LabelLists:
    """For n images with labels (n,) in 0 ... L-1.

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

    def at(self, label: Indices, place: Indices) -> Indices:
        """Images at `place` of the lists of `label`."""
        found: Indices = self.images[self.starts[label] + place]
        return found

    def same_label(self, primary: Indices, place: Indices) -> Indices:
        """Images of the primary's label, never the primary; 0 <= place < count - 1."""
        return self.at(self.labels[primary], place + (place >= self.rank[primary]))

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


def check_every_label(lists: LabelLists, least: int, reason: str, where: Where | None) -> None:
    """Stop when a label between 0 and the largest has fewer than `least` images.

    `reason` says who needs them.
    """
    short = np.flatnonzero(lists.counts < least)
    if not len(short):
        return
    label = int(short[0])
    count = int(lists.counts[label])
    found = f"no images of class {label}" if not count else f"only one image of class {label}"
    if len(short) > 1:
        found += f" (and too few of {len(short) - 1} more)"
    raise UserError(found, where=where, wanted=reason, do="'mycaffe dataset show' counts them.")
