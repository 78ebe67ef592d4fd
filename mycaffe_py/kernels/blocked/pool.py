"""Maximum and mean over windows of pictures in blocks of channels."""

from __future__ import annotations

import numpy as np
from numba import get_num_threads, prange

from ..apart import apart
from ..inlined import inlined
from ..jit import parallel_kernel
from ..sharing import Call, perform
from ..vectors.lanes import larger
from ..vectors.vector import load, splat, store, width
from ..vectors.vector_math import add, multiply

# Elements of the result from which it pays to wake the other threads.
_WORTH_SHARING = 1 << 15


@inlined
def _window(x, start, across, rows, columns, maximum):
    """Maximum or sum of the pixels of a window inside the picture; NaN where a pixel is."""
    size = width(x)
    total = splat(x, -np.inf if maximum else 0)
    for row in range(rows[0], rows[1]):
        for column in range(columns[0], columns[1]):
            value = load(x, start + (row * across + column) * size)
            total = larger(total, value) if maximum else add(total, value)
    return total


@apart
def _pool_block(x, start, sizes, outs, kernel_size, stride, pad, maximum, place, y_out):
    """One block of channels of one picture."""
    size = width(x)
    height, across = sizes
    for i in range(outs[0]):
        top = i * stride[0] - pad[0]
        bottom = min(top + kernel_size[0], height + pad[0])
        rows = (max(top, 0), min(bottom, height))
        for j in range(outs[1]):
            left = j * stride[1] - pad[1]
            right = min(left + kernel_size[1], across + pad[1])
            columns = (max(left, 0), min(right, across))
            total = _window(x, start, across, rows, columns, maximum)
            if not maximum:
                share = x.dtype.type(1) / ((bottom - top) * (right - left))
                total = multiply(total, splat(x, share))
            store(y_out, place + (i * outs[1] + j) * size, total)


@parallel_kernel
def _pool(pieces, images, blocks, steps, sizes, outs, size, stride, pad, maximum, x, y_out):
    lanes = width(x)
    of_x = sizes[0] * sizes[1] * lanes
    of_y = outs[0] * outs[1] * lanes
    for number in prange(pieces):
        piece = np.int64(number)
        total = images * blocks
        for one in range(total * piece // pieces, total * (piece + 1) // pieces):
            image, block = one // blocks, one % blocks
            start = image * steps[0] + block * of_x
            place = image * steps[1] + block * of_y
            _pool_block(x, start, sizes, outs, size, stride, pad, maximum, place, y_out)


def pool(x, images, blocks, steps, sizes, outs, window, maximum, y_out):
    """Pool `blocks` blocks of `images` pictures of sizes (H, W) to outs (OH, OW).

    x, y_out: flat; steps: elements from image to image of both; window: kernel, stride, pad, each
    (rows, columns). Padding counts in the area of a mean, what lies behind it does not.
    """
    perform(pool_call(x, images, blocks, steps, sizes, outs, window, maximum, y_out))


def pool_call(x, images, blocks, steps, sizes, outs, window, maximum, y_out) -> Call:
    """What `pool` calls."""
    work = images * blocks * outs[0] * outs[1] * window[0][0] * window[0][1]
    pieces = get_num_threads() if work >= _WORTH_SHARING else 1
    arguments = (images, blocks, steps, sizes, outs, *window, maximum, x, y_out)
    return Call(_pool, (pieces, *arguments), pieces)
