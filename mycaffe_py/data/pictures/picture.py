"""One picture file of any format and mode, as an image of a data set.

The one way that pictures become images: `dataset create images` reads its files by it, and so does
whoever asks a net about a single picture. A record (picture_record.py) says how.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mycaffe_py.data.pictures import deep_picture
from mycaffe_py.data.pictures.boxes import Box
from mycaffe_py.data.pictures.deep_picture import EmptyPictureError, UnreadableError
from mycaffe_py.data.pictures.picture_file import (
    LIMIT_PIXELS,
    check_pixels,
    opened_picture,
    reading,
)
from mycaffe_py.data.pictures.picture_fit import fitted
from mycaffe_py.data.pictures.picture_record import (
    ALWAYS,
    LIGHT_BORDERS,
    PictureRecord,
    Span,
    light_border,
)
from mycaffe_py.proto.file_kind import kind_at

__all__ = [
    "LIMIT_PIXELS", "Depth", "EmptyPictureError", "Flat", "Read", "UnreadableError",
    "brought", "flat_of", "open_flat", "opened_gray", "read_as", "read_pixels",
]  # fmt: skip

# A file, or what stands in one.
Source = Path | bytes


@dataclass(frozen=True)
class Depth:
    """`bits` a channel; of more than 8: the lowest and the highest of its `values`.

    `span` of those of a gray picture was brought to 0-255.
    """

    bits: int = 8
    values: Span | None = None
    span: Span | None = None


@dataclass(frozen=True)
class Flat:
    """Pixels (C, H, W), C = 1 or 3, values 0-255, in the picture's own size."""

    pixels: NDArray[np.uint8]
    depth: Depth = Depth()


@dataclass(frozen=True)
class Read:
    """An image (C, H, W), 0-255, and what was done to get it, for people.

    `light` says whether the border of the picture was light before anything was inverted.
    """

    pixels: NDArray[np.uint8]
    done: tuple[str, ...]
    light: bool
    depth: Depth


def read_as(
    source: Source, record: PictureRecord, own_size: bool = False, box: Box | None = None
) -> Read:
    """Read a picture, or a `box` of it, as those of a data set were.

    `own_size` leaves its size. Errors: UnreadableError.
    """
    flat = open_flat(source, opened_gray(record), record.span)
    if box is not None:
        cut = np.ascontiguousarray(flat.pixels[:, *box.rows_and_columns(flat.pixels.shape)])
        flat = Flat(cut, flat.depth)
    return brought(flat, record, own_size)


def opened_gray(record: PictureRecord) -> bool:
    """Whether pictures are opened in gray.

    Ink has no colour: where pictures in colour are brought to size by their ink, all three channels
    are alike.
    """
    return record.gray or record.known_fit == "ink"


def brought(flat: Flat, record: PictureRecord, own_size: bool = False) -> Read:
    """The picture, opened as `opened_gray` says, inverted and brought to size as `record` says.

    Errors: EmptyPictureError.
    """
    pixels = flat.pixels
    fit = record.known_fit
    light = light_border(pixels)
    if fit == "ink" and pixels.min() == pixels.max():
        raise EmptyPictureError("it is empty: every pixel has the same brightness")
    done = []
    if record.invert == ALWAYS or (record.invert == LIGHT_BORDERS and light):
        pixels = 255 - pixels
        done.append("dark on light, so inverted" if light else "inverted")
    done += _cut_off(flat.depth)
    size = record.shape[1:]
    if not own_size and pixels.shape[1:] != size:
        done.append(_brought(fit, pixels.shape[1:], size))
        pixels = _fitted(pixels, fit, size)
    if len(pixels) < record.shape[0]:
        pixels = np.repeat(pixels, record.shape[0], axis=0)
    return Read(np.ascontiguousarray(pixels), tuple(done), light, flat.depth)


def _fitted(pixels: NDArray[np.uint8], fit: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture brought to size. Ink that is dark on light is centred as ink and stays dark."""
    if fit == "ink" and light_border(pixels):
        return 255 - fitted(255 - pixels, fit, *size)
    return fitted(pixels, fit, *size)


def _cut_off(depth: Depth) -> list[str]:
    """A remark where values were cut off by a range that the user did not choose."""
    if depth.values is None or depth.span not in deep_picture.OWN_SPANS:
        return []
    top, limit = depth.values[1], depth.span[1]
    return [f"values above {limit:g}, up to {top:g}, shown as white"] if top > limit else []


def _brought(fit: str, before: tuple[int, ...], after: tuple[int, int]) -> str:
    way = {"ink": "brought", "pad": "padded", "crop": "cropped"}.get(fit, "resized")
    return f"{way} from {before[1]}x{before[0]} to {after[1]}x{after[0]}"


def read_pixels(path: Path, gray: bool, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Pixels (C, H, W), C = 1 or 3, values 0-255; `size` (width, height) resizes it whole.

    The camera's rotation mark is obeyed, transparent parts show white paper, 16-bit values are
    brought to bytes; of several frames the first is read. Errors: UnreadableError.
    """
    pixels = open_flat(path, gray).pixels
    return pixels if size is None else fitted(pixels, "stretch", size[1], size[0])


def open_flat(source: Source, gray: bool, span: Span | None = None) -> Flat:
    """The picture in 8 bits a channel, upright, without transparency, in its own size.

    `span` of values becomes 0-255 where it has more bits. Errors: UnreadableError.
    """
    try:
        with opened_picture(_readable(source)) as image:
            return _opened(source, image, gray, span)
    except UnreadableError as error:
        if isinstance(source, Path) and isinstance(error.__cause__, UnidentifiedImageError):
            raise UnreadableError(f"{error}{_kind(source)}") from error
        raise


def _readable(source: Source) -> Path | BytesIO:
    return source if isinstance(source, Path) else BytesIO(source)


def flat_of(image: Image.Image, gray: bool, span: Span | None = None) -> Flat:
    """What `open_flat` gives for a picture that a program has opened or made; it stays as it is.

    Only a file that is not yet loaded still has the lower bytes of colours of 16 bits.
    """
    name = getattr(image, "filename", "")
    if name and deep_picture.has_deep_colour(image) and Path(name).is_file():
        return open_flat(Path(name), gray, span)
    with reading():
        check_pixels(image)
        return _opened(Path(), ImageOps.exif_transpose(image), gray, span)


def _kind(path: Path) -> str:
    """What the file is instead, where that is clear."""
    kind = kind_at(path)
    return f"; it is {kind}" if kind is not None else ""


def _opened(source: Source, image: Image.Image, gray: bool, span: Span | None) -> Flat:
    deep_colour = deep_picture.has_deep_colour(image)
    image.load()
    check_pixels(image)
    mode = "L" if gray else "RGB"
    if deep_colour:
        colour = _colour(source, image, span)
        high = np.asarray(image)[:, :, :3]
        ends = (int(high.min()) * 257.0, int(high.max()) * 257.0)
        return Flat(_channels(_on_paper(colour).convert(mode)), Depth(16, ends))
    # In its place: a copy of a large picture takes 256 MB.
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode not in deep_picture.GRAY_MODES:
        return Flat(_channels(_on_paper(image).convert(mode)))
    values = deep_picture.finite(image)
    # Also where a span was found by this rule for a whole data set: the same values are refused.
    own = deep_picture.own_span(values) if span in (None, *deep_picture.OWN_SPANS) else None
    used = span or own or deep_picture.OWN_SPANS[-1]
    flat = Image.fromarray(deep_picture.as_bytes(values, used)).convert(mode)
    bits = 16 if image.mode.startswith("I;16") else 32
    ends = (float(values.min()), float(values.max()))
    return Flat(_channels(flat), Depth(bits, ends, used))


def _colour(source: Source, image: Image.Image, span: Span | None) -> Image.Image:
    """A picture of 16 bits in several channels, upright; without a `span` by its high bytes."""
    if span is None or span in deep_picture.OWN_SPANS:
        return ImageOps.exif_transpose(image)
    with opened_picture(_readable(source)) as again:
        scaled = deep_picture.deep_colour(image, again, span)
    scaled.getexif().update(image.getexif())
    return ImageOps.exif_transpose(scaled)


def _on_paper(image: Image.Image) -> Image.Image:
    """Without transparency, on white paper. Pillow turns LAB into colours, but not into gray."""
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(
            paper, image if image.mode == "RGBA" else image.convert("RGBA")
        )
    return image.convert("RGB") if image.mode == "LAB" else image


def _channels(flat: Image.Image) -> NDArray[np.uint8]:
    pixels = np.asarray(flat, dtype=np.uint8)
    image = pixels[np.newaxis] if flat.mode == "L" else pixels.transpose(2, 0, 1)
    return np.ascontiguousarray(image)
