"""Floor 2. The pictures found in folders, read alike and kept with the record of how."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.deep_picture import OWN_SPANS
from mycaffe_py.data.picture import Read, UnreadableError, read_as
from mycaffe_py.data.picture_record import (
    ALWAYS,
    LIGHT_BORDERS,
    NEVER,
    Asked,
    PictureRecord,
    Span,
    polarity_of,
    rule_of,
    span_words,
)
from mycaffe_py.errors import UserError

SPLITS = ("training", "testing")
# How many unreadable files an error lists.
_SHOWN = 5
# 16-bit pictures that use less of their range than this come out almost black or flat.
_LEAST_SHARE = 1 / 8
_AS_ASKED = Asked()


@dataclass(frozen=True)
class PictureFile:
    """One file to read, its label and its split."""

    path: Path
    label: int
    split: str


@dataclass(frozen=True)
class FolderRead:
    """The sources by split, and what could not be read: (file, reason).

    `notes` tell what else a user should know, one line each. `files` are those of a split's items.
    """

    sources: dict[str, ArraySource]
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: dict[str, list[Path]] = field(default_factory=dict)


@dataclass(frozen=True)
class HowToRead:
    """What the user said. `size` (width, height); without it all pictures must have one size."""

    size: tuple[int, int] | None = None
    gray: bool = False
    asked: Asked = _AS_ASKED
    skip_unreadable: bool = False

    def record(self) -> PictureRecord:
        """How to read, before anything was seen. Ink becomes light on dark, as in MNIST."""
        width, height = self.size or (1, 1)
        rule = LIGHT_BORDERS if self.asked.fit == "ink" else NEVER
        plain = PictureRecord(width, height, self.gray, fit="stretch", invert=rule)
        return self.asked.over(plain)


def read_pictures(
    files: Sequence[PictureFile],
    label_names: Mapping[int, str],
    dataset: str,
    how: HowToRead,
    progress: Callable[[int], object] | None = None,
) -> FolderRead:
    """Read `files` as the splits of `dataset`.

    Errors: unreadable pictures unless `skip_unreadable`, pictures of several sizes without a size.
    """
    record = how.record()
    read: dict[PictureFile, Read] = {}
    unreadable: list[tuple[Path, str]] = []
    for file in files:
        try:
            one = read_as(file.path, record, own_size=how.size is None)
        except UnreadableError as error:
            unreadable.append((file.path, str(error)))
        else:
            _check_size(file.path, one, read)
            read[file] = one
        if progress is not None:
            progress(1)
    if unreadable and not how.skip_unreadable:
        raise _unreadable_error(unreadable, len(files))
    notes = _alike(read, record, how)
    made = _measured(read, record, how)
    notes += _notes(read, made, how)
    facts = made.to_json() if read else ""
    by_split: dict[str, list[Path]] = {}
    for file in read:
        by_split.setdefault(file.split, []).append(file.path)
    return FolderRead(_sources(read, dataset, label_names, facts), unreadable, notes, by_split)


def _alike(read: dict[PictureFile, Read], record: PictureRecord, how: HowToRead) -> list[str]:
    """Bring all deep pictures to bytes by one range: the widest that one of them needs."""
    spans = [one.depth.span for one in read.values() if one.depth.span is not None]
    if how.asked.span is not None or len(set(spans)) < 2:
        return []
    widest = _widest(spans)
    same = dataclasses.replace(record, span=widest)
    again = [file for file, one in read.items() if one.depth.span not in (None, widest)]
    for file in again:
        read[file] = read_as(file.path, same, own_size=how.size is None)
    return [
        f"{len(again)} of {len(spans)} pictures of more than 8 bits would fit in a smaller range; "
        f"all were read with {span_words(widest)}, so that they can be compared"
    ]


def _widest(spans: Sequence[Span]) -> Span:
    return max(spans, key=OWN_SPANS.index)


def _measured(
    read: Mapping[PictureFile, Read], record: PictureRecord, how: HowToRead
) -> PictureRecord:
    """The record with what the pictures turned out to be."""
    if not read:
        return record
    shown_light = sum(one.light != _inverted(one, record) for one in read.values())
    spans = [one.depth.span for one in read.values() if one.depth.span is not None]
    first = next(iter(read.values())).pixels
    made = dataclasses.replace(
        record,
        width=first.shape[2],
        height=first.shape[1],
        polarity=polarity_of(shown_light, len(read) - shown_light),
        span=record.span or (spans[0] if spans else None),
        bits=max(one.depth.bits for one in read.values()),
    )
    return made if how.asked.invert is False else dataclasses.replace(made, invert=rule_of(made))


def _inverted(one: Read, record: PictureRecord) -> bool:
    return record.invert == ALWAYS or (record.invert == LIGHT_BORDERS and one.light)


def _notes(read: Mapping[PictureFile, Read], made: PictureRecord, how: HowToRead) -> list[str]:
    notes = [f"read as {made.words()}"]
    light = sum(one.light for one in read.values())
    if made.gray and 0 < light < len(read):
        notes.append(f"{light} of {len(read)} pictures have a light border, the others a dark one")
    if how.record().invert == LIGHT_BORDERS and light:
        notes.append(f"{light} of {len(read)} pictures were dark on light, so inverted")
    deep = [one.depth.values for one in read.values() if one.depth.values is not None]
    if how.asked.span is not None:
        if not any(one.depth.bits > 8 for one in read.values()):
            notes.append("--range changed nothing: no picture has more than 8 bits a channel")
    elif deep and (made.span or OWN_SPANS[-1]) == OWN_SPANS[-1]:
        notes += _narrow(min(low for low, _ in deep), max(high for _, high in deep))
    return notes


def _narrow(low: float, high: float) -> list[str]:
    """A notice where all 16-bit pictures together use little of their range."""
    full = OWN_SPANS[-1][1]
    if high - low >= full * _LEAST_SHARE:
        return []
    levels = round(high * 255 / full) - round(low * 255 / full) + 1
    from_zero = low < high / 2
    better = (0.0, 2.0 ** int(high).bit_length() - 1) if from_zero else (low, max(high, low + 1))
    return [
        f"the values of these 16-bit pictures run from {low:g} to {high:g}, less than 1/8 of "
        f"0 to {full}: brought to bytes, {levels} of 256 levels are left. "
        f"--range={span_words(better)} spreads them over all"
    ]


def _sources(
    read: Mapping[PictureFile, Read], dataset: str, label_names: Mapping[int, str], facts: str
) -> dict[str, ArraySource]:
    by_split: dict[str, tuple[list[NDArray[np.uint8]], list[int]]] = {}
    for file, one in read.items():
        images, labels = by_split.setdefault(file.split, ([], []))
        images.append(one.pixels)
        labels.append(file.label)
    if SPLITS[0] not in by_split:
        raise UserError("no picture could be read, so nothing was created")
    sources = {
        split: make_source(
            f"{dataset}.{split}",
            np.stack(images),
            np.array(labels, dtype=np.int64),
            {n: label_names[n] for n in (set(labels) if split == SPLITS[0] else label_names)},
        )
        for split, (images, labels) in by_split.items()
    }
    return {split: dataclasses.replace(source, pictures=facts) for split, source in sources.items()}


def _check_size(path: Path, one: Read, before: Mapping[PictureFile, Read]) -> None:
    first = next(iter(before), None)
    if first is None or one.pixels.shape == before[first].pixels.shape:
        return
    found, wanted = one.pixels.shape, before[first].pixels.shape
    raise UserError(
        f"{path} has {found[2]}x{found[1]} pixels, while {first.path} has {wanted[2]}x{wanted[1]}",
        wanted="all images of a source have one size",
        do="Pass --size WIDTHxHEIGHT to bring them to one; --fit says how.",
    )


def _unreadable_error(unreadable: Sequence[tuple[Path, str]], total: int) -> UserError:
    shown = "\n  ".join(f"{path}: {reason}" for path, reason in unreadable[:_SHOWN])
    more = f"\n  and {len(unreadable) - _SHOWN} more" if len(unreadable) > _SHOWN else ""
    return UserError(
        f"{len(unreadable)} of {total} pictures cannot be read:\n  {shown}{more}\n"
        "nothing was created",
        do="Pass --skip-unreadable to leave them out.",
    )
