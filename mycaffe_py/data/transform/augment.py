"""Random changes of a training image: how much at most, and what a draw makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.transform.tint import COLOURS, tints

# Random numbers of an image, in this order whatever is switched on: mirror, crop top and left,
# angle, zoom, shift down and right, slant, whether to change it. So one setting never changes what
# another one draws.
DRAWS = 9
# Five more, from a stream of their own, which nets without these settings never ask: flip, size of
# the window, its top and left, brightness.
MORE_DRAWS = 5
_FLIP, _CROP, _TOP, _LEFT, _BRIGHTNESS = range(DRAWS, DRAWS + MORE_DRAWS)
# Six more, again from a stream of their own: width, each of three colours, hue and saturation.
SHAPE_DRAWS = 6
_WIDTH, _RED, _, _, _HUE, _SATURATION = range(DRAWS + MORE_DRAWS, DRAWS + MORE_DRAWS + SHAPE_DRAWS)
_ANGLE, _ZOOM, _DOWN, _SLANT, _CHANGE = 3, 4, 5, 7, 8


@dataclass(frozen=True)
class Augment:
    """Random changes of a training image, each even within its range.

    `shift` pixels either way along both axes, `rotate` degrees either way, `zoom` share of growth
    or shrinkage (0.1: factors 0.9 to 1.1), `shear` sideways pixels per row. All but the shift leave
    the centre where it is. `probability` is the share of images that are changed, `fill` the value
    of pixels that come in from outside. `crop` is the greatest share of a side that is cut away
    (what is left is brought back to the full size), `flip` the chance of a flip left to right,
    `brightness` the share by which pixels grow or shrink, `color` the same for each of three
    channels by itself, `stretch` the share by which an image becomes wider or narrower. `hue`
    degrees and the share `saturation` change colours (tint.py).
    """

    shift: float = 0.0
    rotate: float = 0.0
    zoom: float = 0.0
    shear: float = 0.0
    probability: float = 1.0
    fill: float = 0.0
    crop: float = 0.0
    flip: float = 0.0
    brightness: float = 0.0
    color: float = 0.0
    stretch: float = 0.0
    hue: float = 0.0
    saturation: float = 0.0

    @property
    def draws_more(self) -> bool:
        """Whether the MORE_DRAWS are wanted."""
        amounts = (self.crop, self.flip, self.brightness)
        return self.draws_shape or any(amount != 0 for amount in amounts)

    @property
    def draws_shape(self) -> bool:
        """Whether the SHAPE_DRAWS are wanted."""
        return self.color != 0 or self.stretch != 0 or self.tints

    @property
    def tints(self) -> bool:
        """Whether colours are mixed."""
        return self.hue != 0 or self.saturation != 0

    @property
    def changes(self) -> bool:
        """Whether any image is changed."""
        amounts = (self.shift, self.rotate, self.zoom, self.shear)
        return self.probability > 0 and (self.draws_more or any(a != 0 for a in amounts))


@dataclass(frozen=True, eq=False)
class Warp:
    """What happens to M images: `matrix` (M, 2, 3) is where each pixel is read.

    `gain` (M,) and `colour` (M, C) are the factors of all pixels and of each channel. `tint` (M, 3,
    3) mixes red, green and blue before; None: they stay.
    """

    matrix: NDArray[np.float64]
    gain: NDArray[np.float64]
    colour: NDArray[np.float64]
    tint: NDArray[np.float64] | None = None

    def leave(self, still: NDArray[np.bool_]) -> None:
        """Leave the images `still` (M,) as they are."""
        self.matrix[still] = np.eye(2, 3)
        self.gain[still] = 1
        self.colour[still] = 1
        if self.tint is not None:
            self.tint[still] = np.eye(COLOURS)


def warp_of(augment: Augment, shape: tuple[int, int, int], draws: NDArray[np.float64]) -> Warp:
    """The warp of images of `shape` (C, H, W) by draws (M, DRAWS [+ MORE_DRAWS [+ SHAPE_DRAWS]]).

    The draws are even in [0, 1). In order: slant, turn, zoom, shift; then the window is cut out,
    flipped, made wider, brighter and of other colours.
    """
    matrix = _moved(augment, shape, draws)
    gain = np.ones(len(draws))
    colour = np.ones((len(draws), shape[0]))
    if augment.draws_more:
        matrix = _cut(augment, shape, draws, matrix)
        gain += augment.brightness * (2 * draws[:, _BRIGHTNESS] - 1)
    tint = None
    if augment.draws_shape:
        matrix = _widened(augment, shape, draws, matrix)
        if shape[0] == COLOURS:
            colour += augment.color * (2 * draws[:, _RED : _RED + COLOURS] - 1)
            tint = _tint(augment, draws)
    warp = Warp(matrix, gain, colour, tint)
    warp.leave(draws[:, _CHANGE] >= augment.probability)
    return warp


def _moved(
    augment: Augment, shape: tuple[int, int, int], draws: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(M, 2, 3): where each pixel (row, column) of a warped image is read in the stored one.

    Slanting by h, turning by t and growing by z about the centre c, then shifting by s, is undone:
    source = H(-h) R(-t) (pixel - c - s) / z + c.
    """
    _, height, width = shape
    even = 2 * draws - 1
    angle = np.deg2rad(augment.rotate) * even[:, _ANGLE]
    zoom = 1 + augment.zoom * even[:, _ZOOM]
    shift = augment.shift * even[:, _DOWN : _DOWN + 2]
    shear = augment.shear * even[:, _SLANT]
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    cosine = np.cos(angle) / zoom
    sine = np.sin(angle) / zoom
    matrix = np.empty((len(draws), 2, 3))
    matrix[:, 0, 0] = cosine
    matrix[:, 0, 1] = -sine
    matrix[:, 1, 0] = sine - shear * cosine
    matrix[:, 1, 1] = cosine + shear * sine
    matrix[:, :, 2] = centre - np.einsum("mij,mj->mi", matrix[:, :, :2], centre + shift)
    return matrix


def _cut(
    augment: Augment,
    shape: tuple[int, int, int],
    draws: NDArray[np.float64],
    matrix: NDArray[np.float64],
) -> NDArray[np.float64]:
    """`matrix` read through a window of the image, flipped or not.

    A window that begins at b and has the share k of each side shows at a pixel what was at
    b + k * pixel; flipped, at b + k * (row, W - 1 - column).
    """
    _, height, width = shape
    kept = 1 - augment.crop * draws[:, _CROP]
    spare = (1 - kept)[:, np.newaxis] * np.array([height - 1, width - 1])
    begin = spare * draws[:, [_TOP, _LEFT]]
    turn = np.ones((len(draws), 2))
    flipped = draws[:, _FLIP] < augment.flip
    turn[flipped, 1] = -1
    begin[flipped, 1] += kept[flipped] * (width - 1)
    linear = matrix[:, :, :2]
    cut = np.empty_like(matrix)
    cut[:, :, :2] = linear * (kept[:, np.newaxis] * turn)[:, np.newaxis, :]
    cut[:, :, 2] = matrix[:, :, 2] + np.einsum("mij,mj->mi", linear, begin)
    return cut


def _widened(
    augment: Augment,
    shape: tuple[int, int, int],
    draws: NDArray[np.float64],
    matrix: NDArray[np.float64],
) -> NDArray[np.float64]:
    """`matrix` with columns read nearer to each other, or farther apart, about the middle one.

    An image g times as wide shows at column j what was at m + (j - m) / g, m being the middle.
    """
    middle = (shape[2] - 1) / 2
    share = 1 / (1 + augment.stretch * (2 * draws[:, _WIDTH] - 1))
    wide = matrix.copy()
    wide[:, :, 1] *= share[:, np.newaxis]
    wide[:, :, 2] += matrix[:, :, 1] * (middle * (1 - share))[:, np.newaxis]
    return wide


def _tint(augment: Augment, draws: NDArray[np.float64]) -> NDArray[np.float64] | None:
    if not augment.tints:
        return None
    hue = np.deg2rad(augment.hue) * (2 * draws[:, _HUE] - 1)
    return tints(hue, 1 + augment.saturation * (2 * draws[:, _SATURATION] - 1))
