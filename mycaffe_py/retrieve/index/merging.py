"""Which rows of an index stay, are made anew or go, when places are looked through again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.plural import plural
from mycaffe_py.retrieve.index.entries import Entry
from mycaffe_py.retrieve.index.items import Item, Place, Reading

NO_LABEL = -1
# A name that is a number becomes that number, up to here.
_MOST_NUMBER = 1_000_000


@dataclass(frozen=True)
class Changes:
    """How many rows came, were made anew, went, and stayed as they were."""

    new: int = 0
    changed: int = 0
    removed: int = 0
    kept: int = 0

    def words(self) -> str:
        """In one line: 3 new, 1 changed, 0 removed."""
        return (
            f"{self.new:,} new, {self.changed:,} changed, {self.removed:,} removed, "
            f"{self.kept:,} {plural(self.kept, 'row')} kept"
        )

    def as_json(self) -> dict[str, int]:
        """For machines."""
        return dict(vars(self))


@dataclass
class Merged:
    """The rows that an index will have.

    Row r is row `origins[r]` of the old one, or where that is -1 the next of `reads`.
    """

    changes: Changes
    entries: list[Entry] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)
    reads: list[Reading] = field(default_factory=list)

    def add(self, entry: Entry, label: int, origin: int, read: Reading | None = None) -> None:
        """One row more, behind the others."""
        self.entries.append(entry)
        self.labels.append(label)
        self.origins.append(origin)
        if read is not None:
            self.reads.append(read)

    def without_unread(self, unread: set[str]) -> Merged:
        """The same rows without those of the paths in `unread`, which could not be read."""
        left = Merged(self.changes)
        reads = iter(self.reads)
        for entry, label, origin in zip(self.entries, self.labels, self.origins, strict=True):
            read = next(reads) if origin < 0 else None
            if entry.path not in unread:
                left.add(entry, label, origin, read)
        gone = len(self.entries) - len(left.entries)
        left.changes = replace(self.changes, new=max(0, self.changes.new - gone))
        return left

    @property
    def label_array(self) -> NDArray[np.int64]:
        """(N,)"""
        return np.array(self.labels, np.int64)


class Numbers:
    """The label numbers of names, those that are known already first."""

    def __init__(self, known: Mapping[int, str]) -> None:
        self.names = dict(known)
        self._numbers = {name: number for number, name in known.items()}

    def of(self, name: str, wanted: int | None = None) -> int:
        """The number of `name`, a new one where it has none: `wanted`, itself, or the next."""
        if not name:
            return NO_LABEL
        known = self._numbers.get(name)
        if known is not None:
            return known
        if wanted is None and name.isascii() and name.isdecimal() and str(int(name)) == name:
            wanted = int(name) if int(name) <= _MOST_NUMBER else None
        if wanted is None or wanted < 0 or wanted in self.names:
            wanted = max(self.names, default=-1) + 1
        self.names[wanted] = name
        self._numbers[name] = wanted
        return wanted


def merged(
    old: Sequence[Entry],
    labels: NDArray[np.int64],
    numbers: Numbers,
    places: Sequence[Place],
    items: Iterable[Item],
) -> Merged:
    """`old` rows with their `labels`, after `places` were found to hold `items`.

    A row whose file is still as it was stays; so does one whose content is that of another row,
    as when a file was renamed. A row of a place that no longer has its item goes.
    """
    found = {item.path: item for item in items}
    sums = {entry.sha256: row for row, entry in reversed(list(enumerate(old)))}
    made = Merged(Changes())
    new = changed = removed = 0
    for row, entry in enumerate(old):
        item = found.pop(entry.path, None)
        if item is not None:
            changed += _take(made, item, numbers, sums, (row, entry))
        elif any(place.covers(entry.path) for place in places):
            removed += 1
        else:
            made.add(entry, int(labels[row]), row)
    for item in found.values():
        new += 1
        _take(made, item, numbers, sums, None)
    kept = len(made.entries) - new - changed
    made.changes = Changes(new, changed, removed, kept)
    return made


def _take(
    made: Merged,
    item: Item,
    numbers: Numbers,
    sums: Mapping[str, int],
    before: tuple[int, Entry] | None,
) -> bool:
    """Add the row of an item; whether its content is another than `before`."""
    label = numbers.of(item.label, item.number)
    if before is not None and item.stamp is not None and item.stamp == before[1].stamp:
        made.add(before[1], label, before[0])
        return False
    entry = Entry(item.path, item.stamp, item.sha256())
    if before is not None and entry.sha256 and entry.sha256 == before[1].sha256:
        made.add(entry, label, before[0])
        return False
    origin = sums.get(entry.sha256, -1) if entry.sha256 else -1
    made.add(entry, label, origin, item.read if origin < 0 else None)
    return True


def without(old: Sequence[Entry], labels: NDArray[np.int64], gone: NDArray[np.bool_]) -> Merged:
    """The rows that are not `gone` (N,)."""
    made = Merged(Changes(removed=int(gone.sum()), kept=int((~gone).sum())))
    for row in np.flatnonzero(~gone).tolist():
        made.add(old[row], int(labels[row]), row)
    return made
