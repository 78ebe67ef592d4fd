"""Local response normalisation across channels, of pictures in blocks of channels.

y = x * scale^-3/4 with scale = k + strength * (sum of x^2 over the channels around). The squares of
all channels of a pixel lie side by side for a moment: then a window that is shifted by a channel is
a vector that is loaded an element further.
"""

from __future__ import annotations

import numpy as np
from numba import get_num_threads, prange

from ..apart import apart
from ..inlined import inlined
from ..jit import parallel_kernel
from ..sharing import Call, perform
from ..vectors.vector import fma, load, splat, store, width
from ..vectors.vector_math import add, divide, multiply, root

# Vectors from which it pays to wake the other threads.
_WORTH_SHARING = 1 << 12


@inlined
def _normalise_pixel(x, start, place, plane, blocks, half, k, strength, squares, y_out):
    """One pixel: block b at start + b * plane. squares: `half` zeros in front and behind."""
    size = width(x)
    for block in range(blocks):
        value = load(x, start + block * plane)
        store(squares, half + block * size, multiply(value, value))
    for block in range(blocks):
        total = load(squares, block * size)
        for step in range(1, 2 * half + 1):
            total = add(total, load(squares, block * size + step))
        scale = fma(splat(x, strength), total, splat(x, k))
        second = root(scale)
        value = load(x, start + block * plane)
        store(y_out, place + block * plane, divide(value, multiply(second, root(second))))


@apart
def _normalise_piece(first, last, area, blocks, steps, half, k, strength, x, y_out):
    """Pixels first ... last - 1 of all images."""
    size = width(x)
    squares = np.zeros(blocks * size + 2 * half, x.dtype)
    for pixel in range(first, last):
        image = pixel // area
        inside = (pixel - image * area) * size
        start, place = image * steps[0] + inside, image * steps[1] + inside
        _normalise_pixel(x, start, place, area * size, blocks, half, k, strength, squares, y_out)


@parallel_kernel
def _normalise(pieces, images, area, blocks, steps, half, k, strength, x, y_out):
    pixels = images * area
    for number in prange(pieces):
        piece = np.int64(number)
        first, last = pixels * piece // pieces, pixels * (piece + 1) // pieces
        _normalise_piece(first, last, area, blocks, steps, half, k, strength, x, y_out)


def normalise_across(x, images, area, blocks, steps, half, k, strength, y_out):
    """Normalise `blocks` full blocks of channels of images of `area` pixels.

    x, y_out: flat; steps: elements from image to image of both; half: channels to either side.
    """
    perform(normalise_across_call(x, images, area, blocks, steps, half, k, strength, y_out))


def normalise_across_call(x, images, area, blocks, steps, half, k, strength, y_out) -> Call:
    """What `normalise_across` calls."""
    pieces = get_num_threads() if images * area * blocks >= _WORTH_SHARING else 1
    kind = x.dtype.type
    arguments = (images, area, blocks, steps, half, kind(k), kind(strength), x, y_out)
    return Call(_normalise, (pieces, *arguments), pieces)
