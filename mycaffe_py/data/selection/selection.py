"""Which images a batch holds: a pure function of the seed and the batch number.

The items of a run are numbered through all batches; item g is row g % N of batch g // N. Each item
has a primary image. With two images per blob the second one has the primary's label when g is even
and another label when g is odd; with three, the item is (anchor, same label, other label). No item
holds one image twice. An image that has its label to itself is never a primary of a matching item:
another image takes its place there.

MyCaffe keeps a cursor that retries move on, so what a batch holds there depends on what was read
before; and its pairs may hold one image twice. Here every batch can be had on its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.selection.label_lists import LabelLists
from mycaffe_py.data.selection.label_numbers import Indices, Small, least_type, numbered
from mycaffe_py.data.selection.partners import Partners
from mycaffe_py.errors import UserError, Where
from mycaffe_py.random_streams import stream

# Label bags made at a time; a stream for each bag would cost more than the bag.
_BAG_DRAWS = 4096
# The order of all images, as `_order` counts the lists; labels count from 0.
_ALL = -1
# Batches chosen at a time: for one alone, the calls would cost ten times what the numbers cost,
# and all that while a thread of kernels waits for the interpreter.
_BATCHES = 64


class Selection:
    """Records (N, images_per_blob) of any batch.

    `random`: primaries go through all images once per epoch in shuffled order; otherwise in the
    order of the source, `images_per_blob` further for each item.
    `balance_matches`: pairs alternate between same and different label; otherwise the second image
    is any other. `label_balancing`: each label is drawn once in every block of L items, and each
    label's images once per epoch of its own. Labels may have gaps; `names` is for errors.

    Errors: no label has two images, or there is one label only, where pairs need more.
    """

    def __init__(
        self,
        labels: Indices,
        batch_size: int,
        images_per_blob: int = 1,
        seed: int = 0,
        purpose: str = "train",
        random: bool = True,
        balance_matches: bool = True,
        label_balancing: bool = False,
        where: Where | None = None,
        names: Mapping[int, str] | None = None,
    ) -> None:
        # A number that no image has is no label, so the lists count those that are there.
        self.classes, places = numbered(labels)
        self.lists = LabelLists.of(places)
        self.names = names or {}
        self.batch_size = batch_size
        self.images_per_blob = images_per_blob
        self.seed = seed
        self.purpose = purpose
        self.random = random
        self.balance_matches = balance_matches
        self.label_balancing = label_balancing
        self.partners = Partners(
            self.lists, images_per_blob, seed, purpose, random, label_balancing
        )
        self._check(where)
        # Two epochs of every list: a batch may reach over the end of one. Of the list of all
        # images, which may be long, one: they are drawn in their order.
        orders = 2 * len(self.lists.counts) if label_balancing else 1
        self._order = lru_cache(maxsize=orders)(self._make_order)
        self._bag = lru_cache(maxsize=2)(self._make_bags)
        self._chosen = lru_cache(maxsize=2)(self._choose)

    def records(self, batch_number: int) -> NDArray[np.int64]:
        """Image numbers (N, images_per_blob) of batch `batch_number` >= 0."""
        chunk, place = divmod(batch_number, _BATCHES)
        chosen = self._chosen(chunk)
        return chosen[place * self.batch_size : (place + 1) * self.batch_size]

    @property
    def matches(self) -> bool:
        """Whether items, all or every second one, hold two images of one label."""
        return self.images_per_blob == 3 or (self.images_per_blob == 2 and self.balance_matches)

    @property
    def singles(self) -> list[int]:
        """Labels with one image, which can be in no matching pair."""
        found: list[int] = self.classes[self.lists.counts == 1].tolist()
        return found

    def _choose(self, chunk: int) -> NDArray[np.int64]:
        """The records of _BATCHES batches, one behind the other; nobody may write into them."""
        count = _BATCHES * self.batch_size
        items = np.arange(chunk * count, (chunk + 1) * count, dtype=np.int64)
        chosen = np.empty((count, self.images_per_blob), dtype=np.int64)
        self._fill(chunk, items, chosen)
        chosen.flags.writeable = False
        return chosen

    def _fill(self, chunk: int, items: Indices, chosen: NDArray[np.int64]) -> None:
        primary = self._primaries(items)
        if self.matches and self.singles:
            primary = self.partners.with_partners(chunk, items, primary)
        chosen[:, 0] = primary
        if self.images_per_blob == 1:
            return
        same, other, neighbour = self.partners.of(chunk, items, primary)
        if self.images_per_blob == 3:
            chosen[:, 1] = same
            chosen[:, 2] = other
        elif self.balance_matches:
            chosen[:, 1] = np.where(items % 2 == 0, same, other)
        else:
            chosen[:, 1] = neighbour

    def _check(self, where: Where | None) -> None:
        lists = self.lists
        if self.images_per_blob > 1 and len(lists.labels) < 2:
            raise UserError("there is only one image", where=where, wanted="a pair needs two")
        if self.matches and len(lists.counts) < 2:
            raise UserError(
                f"all {len(lists.labels)} images are of class {self._named(0)}",
                where=where,
                wanted="a non-matching pair needs two classes",
            )
        if self.matches and lists.counts.max() < 2:
            raise UserError(
                f"there is only one image of class {self._named(0)}, and of every other class",
                where=where,
                wanted="a matching pair needs two images of a class",
                do="'mycaffe dataset show' counts them.",
            )

    def _named(self, number: int) -> str:
        """The label of a class, with its name where that differs from the label."""
        label = int(self.classes[number])
        name = self.names.get(label, str(label))
        return name if name == str(label) else f"{label} ('{name}')"

    # ---- primaries ----

    def _primaries(self, items: Indices) -> Indices:
        count = len(self.lists.labels)
        if self.label_balancing:
            return self._balanced_primaries(items)
        if self.random:
            return self._drawn(_ALL, items, count)
        return items * self.images_per_blob % count

    def _balanced_primaries(self, items: Indices) -> Indices:
        """Item g is draw g // L of its label, because every block of L items has each label once.

        The labels are shuffled even when the images are not, as alternating matches would
        otherwise always fall on the same labels.
        """
        classes = len(self.lists.counts)
        block = items // classes
        bags = max(1, _BAG_DRAWS // classes)
        labels = np.empty_like(items)
        for chunk in np.unique(block // bags):
            rows = block // bags == chunk
            labels[rows] = self._bag(int(chunk))[block[rows] % bags, items[rows] % classes]
        if not self.random:
            return self.lists.at(labels, block % self.lists.counts[labels])
        primary = np.empty_like(items)
        for label in np.unique(labels):
            rows = labels == label
            count = int(self.lists.counts[label])
            place = self._drawn(int(label), block[rows], count)
            primary[rows] = self.lists.at(labels[rows], place)
        return primary

    def _drawn(self, which: int, draws: Indices, count: int) -> Indices:
        """Numbers below `count` for the draws `draws` from a list: each once per epoch."""
        epochs, places = np.divmod(draws, count)
        drawn = np.empty_like(draws)
        for epoch in np.unique(epochs):
            rows = epochs == epoch
            drawn[rows] = self._order(which, int(epoch), count)[places[rows]]
        return drawn

    def _make_order(self, which: int, epoch: int, count: int) -> Small:
        numbers = stream(self.seed, f"selection/{self.purpose}/order", which, epoch)
        order = np.arange(count, dtype=least_type(count))
        numbers.shuffle(order)
        return order

    def _make_bags(self, chunk: int) -> Indices:
        """(bags, L): every row holds each label once, in random order."""
        classes = len(self.lists.counts)
        labels = np.tile(np.arange(classes), (max(1, _BAG_DRAWS // classes), 1))
        return stream(self.seed, f"selection/{self.purpose}/labels", chunk).permuted(labels, axis=1)
