"""How the pictures of a folder are to be read, and what they turned out to be."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.pictures.begun_reading import Facts
from mycaffe_py.data.pictures.deep_picture import OWN_SPANS
from mycaffe_py.data.pictures.picture_record import (
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
from mycaffe_py.data.selection.label_numbers import blocks

# 16-bit pictures that use less of their range than this come out almost black or flat.
_LEAST_SHARE = 1 / 8
_AS_ASKED = Asked()


@dataclass(frozen=True)
class HowToRead:
    """What the user said. `size` (width, height); without it all pictures must have one size.

    `command` is the command to give where they have several, with {size} in its place. With
    `encoded` the pictures are kept as they came.
    """

    size: tuple[int, int] | None = None
    gray: bool = False
    asked: Asked = _AS_ASKED
    skip_unreadable: bool = False
    command: str = ""
    encoded: bool = False

    def words(self) -> str:
        """All on which it depends what is kept of a picture."""
        return repr((self.size, self.gray, self.asked, self.encoded))

    def record(self) -> PictureRecord:
        """How to read, before anything was seen. Ink becomes light on dark, as in MNIST."""
        width, height = self.size or (1, 1)
        rule = LIGHT_BORDERS if self.asked.fit == "ink" else NEVER
        plain = PictureRecord(width, height, self.gray, fit="stretch", invert=rule)
        return self.asked.over(plain)


def spans_of(facts: Facts) -> Counter[Span]:
    """How many pictures have which one; some have none."""
    counts: Counter[Span] = Counter()
    for at in blocks(len(facts)):
        found = facts[at]["span"][facts[at]["read"]]
        counts.update((low, high) for low, high in found[~np.isnan(found[:, 0])].tolist())
    return counts


def widest_of(spans: Iterable[Span]) -> Span:
    """The one in which the values of all fit."""
    return max(spans, key=OWN_SPANS.index)


def measured_record_of(
    facts: Facts, first: int, record: PictureRecord, how: HowToRead
) -> PictureRecord:
    """The record with what the pictures turned out to be, `first` and others that were read."""
    read = facts["read"]
    shown_light = int((read & (facts["light"] != _inverted(facts, record))).sum())
    spans = spans_of(facts)
    _, height, width = facts["shape"][first].tolist()
    made = dataclasses.replace(
        record,
        width=width,
        height=height,
        polarity=polarity_of(shown_light, int(read.sum()) - shown_light),
        span=record.span or (widest_of(spans) if spans else None),
        bits=int(facts["bits"].max(where=read, initial=0)),
    )
    return made if how.asked.invert is False else dataclasses.replace(made, invert=rule_of(made))


def _inverted(found: Facts, record: PictureRecord) -> NDArray[np.bool_]:
    inverted: NDArray[np.bool_] = (record.invert == ALWAYS) | (
        (record.invert == LIGHT_BORDERS) & found["light"]
    )
    return inverted


def to_decode(made: PictureRecord, record: PictureRecord) -> str:
    """The record (JSON) by which the pictures of the set itself are read again and again."""
    return dataclasses.replace(made, invert=record.invert).to_json()


def notes_of(facts: Facts, made: PictureRecord, how: HowToRead) -> list[str]:
    """What a user should know of the pictures that were read, a line each."""
    notes = [f"read as {made.words()}"]
    read = facts["read"]
    light, count = int((read & facts["light"]).sum()), int(read.sum())
    if made.gray and 0 < light < count:
        notes.append(f"{light} of {count} pictures have a light border, the others a dark one")
    if how.record().invert == LIGHT_BORDERS and light:
        notes.append(f"{light} of {count} pictures were dark on light, so inverted")
    least, most = _range_of(facts)
    if how.asked.span is not None:
        if facts["bits"].max(where=read, initial=0) <= 8:
            notes.append("--range changed nothing: no picture has more than 8 bits a channel")
    elif least <= most and (made.span or OWN_SPANS[-1]) == OWN_SPANS[-1]:
        notes += _narrow(least, most)
    return notes


def _range_of(facts: Facts) -> tuple[float, float]:
    """Least and largest value of the pictures that tell theirs; the least is larger for none."""
    least, most = np.inf, -np.inf
    for at in blocks(len(facts)):
        told = facts[at]["values"][facts[at]["read"]]
        told = told[~np.isnan(told[:, 0])]
        if len(told):
            least, most = min(least, told[:, 0].min()), max(most, told[:, 1].max())
    return float(least), float(most)


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
