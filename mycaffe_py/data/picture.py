"""Floor 2. One picture file of any format and mode, as pixels."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

# A small file may unfold to any size; this much is decoded, which is 192 MB in colour.
LIMIT_PIXELS = 64_000_000

_DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")


class UnreadableError(Exception):
    """Why a file is no picture to us."""


def read_pixels(path: Path, gray: bool, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Pixels (C, H, W), C = 1 or 3, values 0-255; `size` (width, height) resizes with smoothing.

    The camera's rotation mark is obeyed, transparent parts show white paper, 16-bit values are
    brought to bytes; of several frames the first is read. Errors: UnreadableError.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of large and of slightly damaged files; both are judged here.
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                return _pixels(image, gray, size)
    except UnidentifiedImageError as error:
        raise UnreadableError("no picture format known to Pillow") from error
    except Image.DecompressionBombError as error:
        raise UnreadableError("it would unfold to an unreasonable size") from error
    # Pillow's format readers raise these for damaged files.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as error:
        raise UnreadableError(str(error) or type(error).__name__) from error


def _pixels(image: Image.Image, gray: bool, size: tuple[int, int] | None) -> NDArray[np.uint8]:
    if image.width * image.height > LIMIT_PIXELS:
        raise UnreadableError(
            f"{image.width}x{image.height} pixels are more than {LIMIT_PIXELS // 1_000_000} million"
        )
    image.load()
    flat = _flat(ImageOps.exif_transpose(image)).convert("L" if gray else "RGB")
    if size is not None and flat.size != size:
        flat = flat.resize(size, Image.Resampling.LANCZOS)
    pixels = np.asarray(flat, dtype=np.uint8)
    pixels = pixels[np.newaxis] if gray else pixels.transpose(2, 0, 1)
    return np.ascontiguousarray(pixels)


def _flat(image: Image.Image) -> Image.Image:
    """The picture in 8 bits a channel and without transparency."""
    if image.mode in _DEEP_MODES:
        return Image.fromarray(_bytes(np.asarray(image, dtype=np.float64)))
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image.convert("RGBA"))
    return image


def _bytes(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Bytes of deep values, whose range the file does not tell.

    Values up to 1 are shares, up to 255 bytes, above that 16-bit numbers: a fixed rule, as
    stretching each picture by its own brightest pixel would make pictures incomparable.
    """
    if not np.isfinite(values).all():
        raise UnreadableError("it holds values that are not finite")
    top = values.max(initial=0)
    if top > 65535 or values.min(initial=0) < 0:
        raise UnreadableError(f"its values run from {values.min():g} to {top:g}")
    shares = 0 < top <= 1 and not np.array_equal(values, np.round(values))
    factor = 255.0 if shares else (1.0 if top <= 255 else 255 / 65535)
    return np.round(values * factor).astype(np.uint8)
