"""Pictures of more than 8 bits a channel, brought to bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.data.pictures.picture_record import Span, span_words

GRAY_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")
# What values mean where nobody said it, the narrowest first: shares, bytes, 16 bits.
OWN_SPANS: tuple[Span, ...] = ((0, 1), (0, 255), (0, 65535))
_16_BITS = ";16"
_PART_VALUES = 1 << 20

Values = NDArray[Any]


class UnreadableError(Exception):
    """A file cannot be read as a picture; the text says why."""


class EmptyPictureError(UnreadableError):
    """A picture in which there is no ink."""


def own_span(values: Values) -> Span:
    """The range of the values of a picture whose file does not tell it.

    Values up to 1 are shares, up to 255 bytes, above that 16-bit numbers: a fixed rule, as
    stretching each picture by its own brightest pixel would make pictures incomparable.
    """
    top = values.max(initial=0)
    low = values.min(initial=0)
    if top > OWN_SPANS[-1][1] or low < 0:
        asked = f"--range={span_words((low, top))}"
        raise UnreadableError(
            f"its values run from {low:g} to {top:g}, those of a picture from 0 to 65535. "
            f"Say which range becomes black to white, for example {asked}"
        )
    if 0 < top <= 1 and any(not np.array_equal(part, np.round(part)) for part in _parts(values)):
        return OWN_SPANS[0]
    return OWN_SPANS[1] if top <= OWN_SPANS[1][1] else OWN_SPANS[2]


def as_bytes(values: Values, span: Span) -> NDArray[np.uint8]:
    """`values` with `span` (low, high) brought to 0-255; what lies beyond becomes 0 or 255."""
    low, high = span
    made = np.empty(values.shape, np.uint8)
    for part, part_out in zip(_parts(values), _parts(made), strict=True):
        wide = part.astype(np.float64)
        part_out[...] = np.round((np.clip(wide, low, high) - low) * (255 / (high - low)))
    return made


def finite(image: Image.Image) -> Values:
    """The values (H, W) of a gray deep picture. Errors: one is not a number."""
    values = np.asarray(image)
    if not all(np.isfinite(part).all() for part in _parts(values)):
        raise UnreadableError("it holds values that are not finite")
    return values


def _parts(values: Values) -> Iterator[Values]:
    """Some rows at a time: all at once would take eight bytes for each value, several times."""
    rows = max(1, _PART_VALUES // max(1, values[0].size)) if len(values) else 1
    for first in range(0, len(values), rows):
        yield values[first : first + rows]


def has_deep_colour(image: Image.Image) -> bool:
    """Whether the file, opened and not yet loaded, has 16 bits in each of several channels."""
    return image.mode in ("RGB", "RGBA") and any(_16_BITS in _raw(t) for t in _tiles(image))


def deep_colour(image: Image.Image, reopened: Image.Image, span: Span) -> Image.Image:
    """A colour picture of 16 bits a channel with `span` brought to 0-255; transparency stays.

    Pillow hands out the high bytes alone (`image`). The same file, `reopened` and told that its
    lower bytes come first, gives the low ones. Errors: a kind of file where that is not so.
    """
    tiles = _tiles(reopened)
    for tile in tiles:
        if tile.args not in ("RGB;16B", "RGBA;16B"):
            raise UnreadableError(
                f"it has 16 bits a channel in a form ({_raw(tile)}) for which --range cannot be "
                "used. Save it as a PNG of 16 bits, or bring it to 8 bits"
            )
    low_first = [tile._replace(args=tile.args.replace("16B", "16L")) for tile in tiles]
    reopened.tile = low_first  # type: ignore[attr-defined]
    values = np.asarray(image).astype(np.uint16) << 8
    values |= np.asarray(reopened)
    scaled = as_bytes(values, span)
    if image.mode == "RGBA":
        scaled[:, :, 3] = np.asarray(image)[:, :, 3]
    return Image.fromarray(scaled)


def _tiles(image: Image.Image) -> list[Any]:
    return list(getattr(image, "tile", []))


def _raw(tile: Any) -> str:
    """The form of the pixels in the file, in Pillow's words."""
    args = tile.args
    return str(args[0] if isinstance(args, tuple) and args else args)
