"""Matches the labels of two data sets by the names of the classes.

Each data set numbers its classes itself, so one number may stand for two classes, and one class
have two numbers. Names that are the numbers, as MNIST's, match like all others.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.data.gathered_source import part_of
from mycaffe_py.data.plural import plural

Names = Mapping[int, str]
# The classes that a TRAIN net learns, by its data layers; under "" those of all, where they agree.
LearnedNames = Mapping[str, Names]

# How many classes a line lists by name.
_LISTED = 8


@dataclass(frozen=True, eq=False)
class Matched:
    """Items with the numbers that `learned` gives their classes.

    `source` holds those of learned classes; where these are too few, all of them, the others by
    numbers behind the learned ones: then `whole` is set. `aside` counts the items of all other
    classes, by name; `moved` says that a class got another number.
    """

    source: ArraySource
    learned: Names
    aside: Mapping[str, int]
    moved: bool
    whole: bool

    @property
    def known(self) -> int:
        """How many items are of learned classes."""
        return len(self.source) - (sum(self.aside.values()) if self.whole else 0)

    @property
    def unlearned(self) -> frozenset[int]:
        """The label numbers in `source` of classes that were not learned."""
        return frozenset(set(self.source.present.tolist()) - set(self.learned))


def class_names(source: ArraySource) -> dict[int, str]:
    """Names of the labels that have an image; a label without one does not count as a class."""
    present = source.present.tolist()
    return {label: source.label_names.get(label, str(label)) for label in present}


def match(source: ArraySource, learned: Names, least: int = 1) -> Matched:
    """Number the items of `source` as `learned` numbers classes of their names.

    With fewer than `least` learned classes nothing is set aside.
    """
    numbered = renumbered(source, learned)
    known = np.isin(numbered.labels, list(learned))
    labels, counts = np.unique(numbered.labels[~known], return_counts=True)
    others = zip(labels.tolist(), counts.tolist(), strict=True)
    aside = {numbered.label_names[label]: count for label, count in others}
    moved = not np.array_equal(numbered.labels[known], source.labels[known])
    whole = len(np.unique(numbered.labels[known])) < least
    if aside and not whole:
        numbered = rows_of(numbered, np.flatnonzero(known))
    return Matched(numbered, learned, aside, moved, whole and bool(aside))


def renumbered(source: ArraySource, learned: Names) -> ArraySource:
    """`source` with the numbers of `learned`; a class of another name gets one behind them."""
    found = class_names(source)
    numbers: dict[str, int] = {}
    for label, name in learned.items():
        numbers.setdefault(name_key(name), label)
    following = max([-1, *learned]) + 1
    names = dict(learned)
    new = []
    for name in found.values():
        if name_key(name) not in numbers:
            numbers[name_key(name)] = following
            names[following] = name
            following += 1
        new.append(numbers[name_key(name)])
    if new == list(found):
        return source if source.label_names == names else replace(source, label_names=names)
    labels = np.array(new, np.int64)[np.searchsorted(list(found), source.labels)]
    return replace(source, labels=labels, label_names=names)


def rows_of(source: ArraySource, rows: NDArray[np.int64]) -> ArraySource:
    """The source with only the items at `rows` (n,); name, checksum and mean stay those of all."""
    if not isinstance(source, FeatureTable):
        return part_of(source, rows)
    # It stays a table, with its card.
    return replace(
        source,
        images=source.gather(rows),
        labels=source.labels[rows],
        image_mean=source.mean(),
    )


def name_key(name: str) -> str:
    """A form of `name` that is the same however it is encoded: file systems split accents off."""
    return unicodedata.normalize("NFC", name).strip()


def listed(names: Sequence[str], between: str = ", ") -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return between.join(names[:_LISTED]) + more


def aside_words(aside: Mapping[str, int], word: str) -> str:
    """ "50 images of 2 classes (ring: 30; bar: 20)", the largest class first."""
    total = sum(aside.values())
    ordered = sorted(aside, key=lambda name: -aside[name])
    told = listed([f"{name}: {aside[name]:,}" for name in ordered], "; ")
    classes = f"{len(aside):,} {plural(len(aside), 'class')}"
    return f"{total:,} {plural(total, word)} of {classes} ({told})"
