"""Makes mycaffe_py/data/digits/digits28.npz from the digits that scikit-learn ships.

The UCI images count the ink (0-16) in each 4x4 cell of a 32x32 scan. MNIST was made from scans too:
the ink's bounding box is scaled into 20x20, keeping its aspect and smoothing the edges, and placed
by centre of mass in a field of 28x28. Here the scan is first estimated: the 8x8 counts are
interpolated on a fine grid and their contrast is stretched, so that strokes get firm edges again.

    python -m tests.data.digits.make_digits28
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from mycaffe_py.data.array_source import source_checksum
from mycaffe_py.random_streams import stream

OUTPUT = Path(__file__).parents[3] / "mycaffe_py" / "data" / "digits" / "digits28.npz"

TESTING = 360
SEED = 28
# Fine pixels per cell of the 8x8 images.
FINE = 20
# Ink share of a fine pixel that becomes empty paper, and full ink. The middle keeps the share of
# ink over all images; a harder step would close the loops of small digits.
PAPER, INK = 0.25, 0.65
BOX, FIELD = 20, 28
# The originals have 17 levels; 16 levels pack two pixels in a byte.
LEVELS = 16

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


def resized(image: Floats, width: int, height: int, method: Image.Resampling) -> Floats:
    picture = Image.fromarray(image.astype(np.float32)).resize((width, height), method)
    return np.asarray(picture, dtype=np.float64)


def to_28x28(cells: Floats) -> Bytes:
    """8x8 ink counts 0-16 as levels 0-15 in 28x28."""
    # The margin lets strokes that touch the edge end smoothly.
    padded = np.pad(cells / 16, 1)
    side = len(padded) * FINE
    fine = resized(padded, side, side, Image.Resampling.BICUBIC)
    ink = np.clip((fine - PAPER) / (INK - PAPER), 0, 1)
    rows = np.flatnonzero((ink > 0.5).any(axis=1))
    columns = np.flatnonzero((ink > 0.5).any(axis=0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    factor = BOX / max(ink.shape)
    height, width = (max(1, round(size * factor)) for size in ink.shape)
    return _placed(resized(ink, width, height, Image.Resampling.BOX))


def _placed(digit: Floats) -> Bytes:
    """Put the digit's centre of mass in the middle of the field, as far as it fits."""
    height, width = digit.shape
    mass = digit.sum()
    centre_y = (digit.sum(axis=1) * np.arange(height)).sum() / mass
    centre_x = (digit.sum(axis=0) * np.arange(width)).sum() / mass
    middle = (FIELD - 1) / 2
    top = int(np.clip(round(middle - centre_y), 0, FIELD - height))
    left = int(np.clip(round(middle - centre_x), 0, FIELD - width))
    field = np.zeros((FIELD, FIELD))
    field[top : top + height, left : left + width] = digit
    return np.round(field * (LEVELS - 1)).astype(np.uint8)


def testing_rows(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Marks TESTING rows with each label's share (largest remainders get the rounding)."""
    counts = np.bincount(labels)
    shares = counts * TESTING / len(labels)
    wanted = np.floor(shares).astype(int)
    by_remainder = np.argsort(wanted - shares, kind="stable")
    wanted[by_remainder[: TESTING - wanted.sum()]] += 1
    marked = np.zeros(len(labels), dtype=bool)
    for label, count in enumerate(wanted):
        rows = np.flatnonzero(labels == label)
        marked[stream(SEED, "digits28/split", label).permutation(rows)[:count]] = True
    return marked


def make() -> dict[str, Any]:
    """The arrays of the npz file."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    levels = np.array([to_28x28(cells) for cells in digits.images])
    labels = digits.target.astype(np.int64)
    testing = testing_rows(labels)
    arrays: dict[str, Any] = {}
    for split, rows in (("training", ~testing), ("testing", testing)):
        chosen = levels[rows]
        arrays[f"{split}_packed"] = chosen[..., 0::2] << 4 | chosen[..., 1::2]
        arrays[f"{split}_labels"] = labels[rows].astype(np.uint8)
        images = (chosen * 17)[:, np.newaxis]
        arrays[f"{split}_checksum"] = np.array(source_checksum(images, labels[rows]))
    return arrays


if __name__ == "__main__":
    np.savez_compressed(OUTPUT, **make())
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")
