"""How the pictures of a data set were read, so that one more picture is read the same."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError
from mycaffe_py.files.checked_json import parse_json
from mycaffe_py.files.schema import Positive

# How a picture of another size is brought to size. "": nobody knows how it was done.
FITS = ("stretch", "pad", "crop", "ink")
LIGHT_ON_DARK, DARK_ON_LIGHT, MIXED = "light on dark", "dark on light", "mixed"
# Which pictures are inverted while they are read.
NEVER, ALWAYS, LIGHT_BORDERS = "never", "always", "light borders"
LIGHT_FROM = 127

Span = tuple[float, float]


@dataclass(frozen=True)
class PictureRecord:
    """How pictures became images of `height` x `width` with one channel (`gray`) or three.

    `fit` (FITS) is how another size is brought to this one. `polarity` says what the images show,
    measured at the borders of the pictures; `invert` which pictures are inverted: never, always,
    or those with a light border. `span` are the values that became 0 and 255 in pictures of more
    than 8 bits a channel; None: there were none. `bits`: the most bits a channel had.
    """

    width: Positive
    height: Positive
    gray: bool
    fit: str = ""
    polarity: str = MIXED
    invert: str = NEVER
    span: Span | None = None
    bits: int = 8

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of an image."""
        return 1 if self.gray else 3, self.height, self.width

    @property
    def known_fit(self) -> str:
        """How a picture of another size is brought to size; unknown: ink as ink, others whole."""
        return self.fit or ("ink" if self.gray and self.polarity == LIGHT_ON_DARK else "stretch")

    def words(self) -> str:
        """The record in one line."""
        colour = "gray" if self.gray else "colour"
        parts = [
            f"{colour} {self.width}x{self.height}",
            f"fit {self.fit}" if self.fit else "fit not known",
            self.polarity,
            f"inverted: {self.invert}",
        ]
        if self.span is not None:
            parts.append(f"{self.bits} bits, {span_words(self.span)} to 0-255")
        return ", ".join(parts)

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(dataclasses.asdict(self))

    @staticmethod
    def from_json(text: str) -> PictureRecord:
        """The record in `text`. Errors: not what `to_json` wrote."""
        try:
            made = parse_json(text, PictureRecord, exact=True)
            _check(made)
        except ValueError as error:
            raise UserError(
                f"the record of how pictures were read is damaged: {error}",
                do="Create the data set again, or copy the run card again.",
            ) from error
        return made


def _check(made: PictureRecord) -> None:
    known = (
        made.fit in ("", *FITS)
        and made.polarity in (LIGHT_ON_DARK, DARK_ON_LIGHT, MIXED)
        and made.invert in (NEVER, ALWAYS, LIGHT_BORDERS)
    )
    if not known:
        raise ValueError(str(dataclasses.asdict(made)))
    if made.span is not None:
        check_span(made.span)


def check_span(span: Span) -> Span:
    """Return `span`; ValueError where it is no range of numbers."""
    low, high = span
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"range {low}:{high}")
    return span


def span_words(span: Span) -> str:
    """The range as the option --range takes it."""
    return f"{span[0]:g}:{span[1]:g}"


@dataclass(frozen=True)
class Asked:
    """What a user wants done other than recorded; None: as it was recorded."""

    fit: str | None = None
    invert: bool | None = None
    span: Span | None = None

    def over(self, record: PictureRecord) -> PictureRecord:
        """`record` with what was asked in its place. Errors: the ink of colour pictures."""
        if self.fit == "ink" and not record.gray:
            raise UserError(
                "--fit ink is for gray pictures",
                wanted="these are in colour",
                do="Choose --fit stretch, pad or crop, or make the data set with --gray.",
            )
        invert = record.invert
        if self.invert is not None:
            invert = ALWAYS if self.invert else NEVER
        return dataclasses.replace(
            record,
            fit=self.fit or record.fit,
            invert=invert,
            span=self.span or record.span,
        )


def light_border(image: NDArray[np.uint8]) -> bool:
    """Whether the border of image (C, H, W) is light: the median of its pixels is above 127."""
    edges = [image[:, 0], image[:, -1], image[:, :, 0], image[:, :, -1]]
    border = np.concatenate([edge.mean(axis=0) for edge in edges])
    return bool(np.median(border) > LIGHT_FROM)


def polarity_of(light: int, dark: int) -> str:
    """Of images with `light` light and `dark` dark borders."""
    if light and dark:
        return MIXED
    return DARK_ON_LIGHT if light else LIGHT_ON_DARK


def rule_of(record: PictureRecord) -> str:
    """Which further pictures are inverted, given how those of the set were and what they show.

    Where all images are light on dark, one with a light border is no picture like them as it is.
    """
    if record.gray and record.polarity == LIGHT_ON_DARK:
        return LIGHT_BORDERS
    return record.invert


def measured_record(images: NDArray[np.uint8] | NDArray[np.float32]) -> str:
    """The record (JSON) of images (n, C, H, W) whose making nobody knows; "" if no pictures."""
    count, channels, height, width = images.shape
    if images.dtype != np.uint8 or channels not in (1, 3):
        return ""
    light = sum(light_border(image) for image in images.view(np.uint8))
    made = PictureRecord(
        width, height, gray=channels == 1, polarity=polarity_of(light, count - light)
    )
    return dataclasses.replace(made, invert=rule_of(made)).to_json()


# MNIST's way: white ink on black, in a box of 20/28 of the side, centred by mass.
MNIST_WAY = PictureRecord(28, 28, True, "ink", LIGHT_ON_DARK, LIGHT_BORDERS)
_KNOWN = ("MNIST", "digits28")


def known_record(source: str) -> str:
    """The record of a source that everybody knows, also of a file made without one; else ""."""
    return MNIST_WAY.to_json() if source.rpartition(".")[0] in _KNOWN else ""
