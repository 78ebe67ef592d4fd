"""Finds pictures that occur in two splits or in two classes, by a sum over their pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.data.image_database.encoded_source import EncodedSource
from mycaffe_py.data.plural import plural
from mycaffe_py.data.selection.label_numbers import blocks
from mycaffe_py.files.roomy import roomy_zeros
from mycaffe_py.random_streams import stream

# Rows summed at a time, so that their products stay in the cache.
_ROWS = 256
# Sums sorted at a time, so that memory does not grow with their number.
_SORTED = 1 << 17

# An item: the place of its source among those given, and its number in there.
Item = tuple[int, int]
# The files of a source's items, by its name.
Files = Mapping[str, Sequence[Path]]


@dataclass(frozen=True)
class Doubles:
    """`across` are groups of one picture that stands in two sources or more, `classes` groups that
    stand in classes of two names; `count` of a group's items beyond those of the first source.
    """

    sources: tuple[ArraySource, ...]
    across: tuple[tuple[Item, ...], ...]
    classes: tuple[tuple[Item, ...], ...]

    def lines(self, files: Files | None = None) -> list[str]:
        """A line for each kind, with a count and an example; none where there is nothing to say.

        `files` are those of the items.
        """
        pairs = combinations(range(len(self.sources)), 2)
        lines = [line for pair in pairs if (line := self._across_line(*pair, files))]
        if self.classes:
            count, word = len(self.classes), self.sources[0].word
            one, two = self._two_classes(self.classes[0])
            lines.append(
                f"{count:,} {plural(count, word)} {_stand(count)} in two classes, such as "
                f"{self._told(one, files)} and {self._told(two, files)}."
            )
        return lines

    def facts(self) -> dict[str, list[dict[str, Any]]]:
        """For machines: the items of each source that repeat another one, and which one."""
        found: dict[str, list[dict[str, Any]]] = {source.name: [] for source in self.sources}
        for first, *others in dict.fromkeys([*self.across, *self.classes]):
            for place, number in others:
                found[self.sources[place].name].append(
                    {
                        "item": number,
                        "class": self._name((place, number)),
                        "same_as": {
                            "source": self.sources[first[0]].name,
                            "item": first[1],
                            "class": self._name(first),
                        },
                    }
                )
        return found

    def _across_line(self, first: int, second: int, files: Files | None) -> str:
        """A line about items of source `second` that `first` has too; "" where it has none."""
        both = [g for g in self.across if {first, second} <= {place for place, _ in g}]
        if not both:
            return ""
        count = sum(place == second for group in both for place, _ in group)
        one, two = (next(i for i in both[0] if i[0] == place) for place in (second, first))
        names = self.sources[first].name, self.sources[second].name
        return (
            f"{count:,} {plural(count, self.sources[0].word)} of {names[1]} {_stand(count)} in "
            f"{names[0]} too, such as {self._told(one, files)} and {self._told(two, files)}."
        )

    def _two_classes(self, group: Sequence[Item]) -> tuple[Item, Item]:
        one = group[0]
        return one, next(item for item in group if self._name(item) != self._name(one))

    def _told(self, item: Item, files: Files | None) -> str:
        name = self.sources[item[0]].name
        if files:
            return str(files[name][item[1]])
        return f"number {item[1]} of {name} ('{self._name(item)}')"

    def _name(self, item: Item) -> str:
        return _class_name(self.sources, item)


def find_doubles(*sources: ArraySource) -> Doubles:
    """Compare all items of `sources`, which is quick: 0.05 s for the 70,000 images of MNIST.

    Sources of other shapes than the first hold no item of it, and are left out. Pictures that are
    kept as they came are compared as they came.
    """
    first = sources[0]
    alike = [s for s in sources if _form(s) == _form(first)]
    groups = [
        group for candidates in _candidates(alike) for group in _same_pixels(alike, candidates)
    ]
    across = [group for group in groups if len({item[0] for item in group}) > 1]
    classes = [g for g in groups if len({_class_name(alike, item) for item in g}) > 1]
    return Doubles(tuple(alike), tuple(across), tuple(classes))


def _form(source: ArraySource) -> tuple[object, ...]:
    """What sources have in common whose items can be compared."""
    return source.shape, source.dtype, isinstance(source, EncodedSource)


def double_lines(sources: Sequence[ArraySource], files: Files | None = None) -> list[str]:
    """The lines to print about pictures that occur twice in the splits of a data set."""
    return doubles_of_splits(sources).lines(files)


def doubles_of_splits(sources: Sequence[ArraySource]) -> Doubles:
    """The doubles of a data set, training first. Tables of features have no pictures, so none."""
    pictures = [source for source in sources if not isinstance(source, FeatureTable)]
    pictures.sort(key=lambda source: not source.name.endswith(".training"))
    return find_doubles(*pictures) if pictures else Doubles((), (), ())


def _sums_of(sources: Sequence[ArraySource]) -> NDArray[np.uint64]:
    """A sum over each item, one source behind the other."""
    sums = roomy_zeros(sum(map(len, sources)), np.uint64)
    start = 0
    for source in sources:
        for found in source.sums() if isinstance(source, EncodedSource) else _row_sums(source):
            sums[start : start + len(found)] = found
            start += len(found)
    return sums


def _row_sums(source: ArraySource) -> Iterator[NDArray[np.uint64]]:
    return (row_sums(block) for block in source.blocks())


def row_sums(images: Images) -> NDArray[np.uint64]:
    """(n,): a sum over each image (n, ...) that is the same for the same bytes.

    Each word of 8 bytes counts by an odd factor of its own, so that images which differ in one
    word have different sums, and others nearly always.
    """
    flat = np.ascontiguousarray(images).reshape(len(images), -1)
    row_bytes = flat.shape[1] * flat.itemsize
    words = -(-row_bytes // 8)
    factors = stream(0, "doubles").integers(0, 2**63, words, dtype=np.uint64) * 2 + 1
    found = np.empty(len(flat), np.uint64)
    padded = np.zeros((_ROWS, words * 8), np.uint8)
    for start in range(0, len(flat), _ROWS):
        block = flat[start : start + _ROWS].view(np.uint8)
        if row_bytes % 8:
            padded[: len(block), :row_bytes] = block
            block = padded[: len(block)]
        found[start : start + _ROWS] = block.view(np.uint64) @ factors
    return found


def _candidates(sources: Sequence[ArraySource]) -> list[list[Item]]:
    """Groups of items with the same sum, in the order of their first items: those that stand in two
    sources or under two labels."""
    sums = _sums_of(sources)
    parts = -(-len(sums) // _SORTED)
    found: list[list[Item]] = []
    for part in range(parts):
        ours = [np.flatnonzero(sums[at] % parts == part) + at.start for at in blocks(len(sums))]
        found += _groups(sources, sums, np.concatenate(ours))
    return sorted(found)


def _groups(
    sources: Sequence[ArraySource], sums: NDArray[np.uint64], rows: NDArray[np.int64]
) -> Iterator[list[Item]]:
    """Groups among the items `rows`, counted through all sources, which ascend."""
    rows = rows[np.argsort(sums[rows], kind="stable")]
    rising = sums[rows]
    starts = np.flatnonzero(np.concatenate([rising[:1] == rising[:1], rising[1:] != rising[:-1]]))
    if len(starts) == len(rows):
        return
    offsets = np.cumsum([0, *map(len, sources)])
    places = np.searchsorted(offsets, rows, side="right") - 1
    numbers = rows - offsets[places]
    labels = np.empty_like(rows)
    for place, source in enumerate(sources):
        labels[places == place] = source.labels[numbers[places == place]]
    telling = np.zeros(len(starts), np.bool_)
    for values in (places, labels):
        telling |= np.minimum.reduceat(values, starts) != np.maximum.reduceat(values, starts)
    ends = np.append(starts[1:], len(rows))
    for group in np.flatnonzero(telling).tolist():
        at = slice(starts[group], ends[group])
        yield list(zip(places[at].tolist(), numbers[at].tolist(), strict=True))


def _same_pixels(sources: Sequence[ArraySource], items: Sequence[Item]) -> list[tuple[Item, ...]]:
    """Groups of those `items`, which have one sum, that really are one picture."""
    by_bytes: dict[bytes, list[Item]] = {}
    for place, number in items:
        by_bytes.setdefault(sources[place].raw(number), []).append((place, number))
    return [tuple(group) for group in by_bytes.values() if len(group) > 1]


def _class_name(sources: Sequence[ArraySource], item: Item) -> str:
    source = sources[item[0]]
    label = int(source.labels[item[1]])
    return source.label_names.get(label, str(label))


def _stand(count: int) -> str:
    return "stands" if count == 1 else "stand"
