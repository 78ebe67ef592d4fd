"""The ink of pictures read as handwriting: light on dark, in the middle of its frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.pictures.picture_fit import INK_FLOOR, INK_SHARE
from mycaffe_py.data.pictures.picture_record import light_border

Pixels = NDArray[np.uint8]
Moments = NDArray[np.float64]

# A window whose ink lies by more than this part of its side farther from the middle than that of
# the query does holds something else, or the same badly: a net allows for less.
_FARTHEST = 0.125
# So much more of its ink than of the query's may lie in the outermost fourteenth of its frame.
_MORE_AT_BORDER = 0.1
_BORDER = 1 / 14


def ink_of(pixels: Pixels) -> Pixels:
    """Light ink on dark (H, W) of a gray picture (1, H, W), its paper brought to 0.

    The paper is what half of the picture is not lighter than; the highest value becomes 255. A
    picture with a light border is inverted first.
    """
    plain = 255 - pixels[0] if light_border(pixels) else pixels[0]
    low, high = int(np.median(plain)), int(plain.max())
    table = np.clip((np.arange(256) - low) * (255 / max(1, high - low)), 0, 255)
    scaled: Pixels = table.round().astype(np.uint8)[plain]
    return scaled


def ink_box(ink: Pixels) -> tuple[int, int, int, int] | None:
    """x, y, width, height of what stands out of light-on-dark `ink` (H, W); None: nothing does."""
    there = ink > 255 * INK_FLOOR
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not len(rows):
        return None
    x, y = int(columns[0]), int(rows[0])
    return x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1


def frame_of(ink: tuple[int, int], size: tuple[int, int]) -> tuple[float, float]:
    """Width and height of the frame that ink (w, h) has in pictures of `size` (H, W)."""
    scale = INK_SHARE * min(size[0] / ink[1], size[1] / ink[0])
    return size[1] / scale, size[0] / scale


@dataclass(frozen=True)
class Spread:
    """Of windows: how far their ink's centre lies from the middle, as a part of the side (n, 2).

    `border` (n,) is the part of their ink in the outermost rows and columns, `mass` (n,) all of it.
    """

    centre: Moments
    border: Moments
    mass: Moments

    def like(self, query: Spread) -> NDArray[np.bool_]:
        """Which windows (n,) hold their ink as the `query`, one window, holds its own."""
        apart = np.hypot(*(self.centre - query.centre).T)
        near: NDArray[np.bool_] = apart <= _FARTHEST
        near &= self.border <= query.border + _MORE_AT_BORDER
        return near & (self.mass > 0)


def spread(ink: Pixels, places: NDArray[np.int64], size: tuple[int, int]) -> Spread:
    """The spread of windows of `size` (H, W) that begin at `places` (n, 2), y and x, of `ink`."""
    kept = np.where(ink > 255 * INK_FLOOR, ink, 0).astype(np.float64)
    along_y = np.arange(kept.shape[0], dtype=np.float64)[:, np.newaxis]
    along_x = np.arange(kept.shape[1], dtype=np.float64)
    mass = summed(kept, places, size)
    some = np.maximum(mass, 1e-9)
    middles = [
        (summed(kept * along, places, size) / some - places[:, axis] - (size[axis] - 1) / 2)
        / size[axis]
        for axis, along in enumerate((along_y, along_x))
    ]
    rim = max(1, round(size[0] * _BORDER)), max(1, round(size[1] * _BORDER))
    inner = (size[0] - 2 * rim[0], size[1] - 2 * rim[1])
    inside = summed(kept, places + np.array(rim), inner)
    return Spread(np.stack(middles, axis=1), 1 - inside / some, mass)


def summed(values: Moments, places: NDArray[np.int64], size: tuple[int, int]) -> Moments:
    """Sums (n,) of windows of `values` (H, W)."""
    table = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    np.cumsum(np.cumsum(values, axis=0), axis=1, out=table[1:, 1:])
    y, x = places.T
    low, right = y + size[0], x + size[1]
    total: Moments = table[low, right] - table[y, right] - table[low, x] + table[y, x]
    return total
