"""The other images of an item: of the primary's label, of another label, or any."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from mycaffe_py.data.selection.label_lists import LabelLists
from mycaffe_py.data.selection.label_numbers import Indices, Small
from mycaffe_py.random_streams import stream


class Partners:
    """Chooses them as Selection says: by chance (`random`) or in the order of the source."""

    def __init__(
        self,
        lists: LabelLists,
        images_per_blob: int,
        seed: int,
        purpose: str,
        random: bool,
        label_balancing: bool,
    ) -> None:
        self.lists = lists
        self.images_per_blob = images_per_blob
        self.seed = seed
        self.purpose = purpose
        self.random = random
        self.label_balancing = label_balancing

    def of(self, chunk: int, items: Indices, primary: Indices) -> tuple[Indices, Indices, Indices]:
        """For each primary (n,) an image of its label, one of another label, and any other."""
        choose = self._by_chance if self.random else self._in_order
        return choose(chunk, items, primary)

    def with_partners(self, chunk: int, items: Indices, primary: Indices) -> Indices:
        """`primary`, with images that are not alone in the place of those that need a partner.

        By chance from all of them, or from all labels; in order the next one.
        """
        lists = self.lists
        lone = lists.alone(primary)
        if self.images_per_blob == 2:
            lone &= items % 2 == 0
        if not self.random:
            return np.where(lone, lists.next_paired(primary), primary)
        numbers = stream(self.seed, f"selection/{self.purpose}/paired", chunk)
        if self.label_balancing:
            labels = numbers.choice(np.flatnonzero(lists.counts > 1), len(primary))
            drawn = lists.at(labels, numbers.integers(0, lists.counts[labels]))
        else:
            drawn = numbers.choice(lists.paired, len(primary))
        return np.where(lone, drawn, primary)

    def _by_chance(
        self, chunk: int, items: Indices, primary: Indices
    ) -> tuple[Indices, Indices, Indices]:
        lists = self.lists
        numbers = stream(self.seed, f"selection/{self.purpose}/partner", chunk)
        count = lists.counts[lists.labels[primary]]
        total = len(lists.labels)
        # A range is at least 1 so that a partner nobody asks for can still be drawn.
        same = lists.same_label(primary, numbers.integers(0, np.maximum(count - 1, 1)))
        if self.label_balancing:
            return self._balanced(numbers, primary, same)
        place = numbers.integers(0, np.maximum(total - count, 1))
        other = lists.other_label(primary, np.minimum(place, total - count - 1))
        neighbour = numbers.integers(0, total - 1, len(primary))
        return same, other, neighbour + (neighbour >= primary)

    def _balanced(
        self, numbers: np.random.Generator, primary: Indices, same: Indices
    ) -> tuple[Indices, Indices, Indices]:
        """As above, with the other label drawn first, so that all labels are equally likely."""
        lists = self.lists
        classes = len(lists.counts)
        label = lists.labels[primary]
        different = numbers.integers(0, max(classes - 1, 1), len(primary))
        different = (different + (different >= label)) % classes
        other = lists.at(different, numbers.integers(0, lists.counts[different]))
        matches = numbers.integers(0, classes, len(primary)) == label
        matches &= ~lists.alone(primary)
        return same, other, np.where(matches, same, other)

    def _in_order(
        self, chunk: int, items: Indices, primary: Indices
    ) -> tuple[Indices, Indices, Indices]:
        """In the order of the source: partners of one label come from a list with its own turn."""
        lists = self.lists
        neighbour = (primary + 1) % len(lists.labels)
        turn = items // len(lists.counts) if self.label_balancing else self._turn(items)
        return lists.same_label_in_turn(primary, turn), lists.next_other(primary), neighbour

    def _turn(self, items: Indices) -> Indices:
        """For each item, how many matching items with the same primary label came before it."""
        before, period_counts, labels = self._matching_period
        every = 1 if self.images_per_blob == 3 else 2
        rounds, place = np.divmod(items // every, len(before))
        return rounds * period_counts[labels[place]] + before[place]

    @cached_property
    def _matching_period(self) -> tuple[Small, Indices, Small]:
        """One period of the matching items: same labels before, label counts, labels."""
        count = len(self.lists.labels)
        step = self.images_per_blob * (1 if self.images_per_blob == 3 else 2)
        period = count // math.gcd(count, step)
        primary = np.arange(period) * step % count
        if (self.lists.counts == 1).any():
            primary = self.lists.next_paired(primary)
        labels = self.lists.labels[primary]
        period_lists = LabelLists.of(labels)
        return period_lists.rank, period_lists.counts, labels
