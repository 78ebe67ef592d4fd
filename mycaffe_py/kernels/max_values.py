"""Maximum pooling without the places: what a forward alone needs.

First the largest of the window's rows, column by column, whole vectors of them; then the largest of
the columns. Both are vectors of outputs, so nothing depends on what the image holds.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from .apart import apart
from .inlined import inlined
from .jit import parallel_kernel
from .sharing import Call, perform
from .vectors.lanes import every_second, larger
from .vectors.masked import load_first, store_first
from .vectors.vector import load, splat, store, width

# Values read from which it pays to wake the other threads, which takes about 40 us.
_WORTH_SHARING = 1 << 16


@inlined
def _largest_rows(x, start, rows, image_width, lead, line_out):
    """line_out[lead + ix] = largest x of column ix over `rows` rows from x[start] on."""
    size = width(x)
    for v in range(0, image_width, size):
        inside = min(size, image_width - v)
        value = load_first(x, start + v, inside)
        for row in range(1, rows):
            value = larger(value, load_first(x, start + row * image_width + v, inside))
        store_first(line_out, lead + v, value, inside)


@inlined
def _largest_columns(line, taps, step, count, place, y_out):
    """y_out[place + ox] = largest of line[ox * step] ... line[ox * step + taps - 1]."""
    size = width(line)
    for v in range(0, count, size):
        inside = min(size, count - v)
        if step == 1:
            value = load(line, v)
            for tap in range(1, taps):
                value = larger(value, load(line, v + tap))
            store_first(y_out, place + v, value, inside)
        elif step == 2:
            value = every_second(load(line, 2 * v), load(line, 2 * v + size))
            for tap in range(1, taps):
                start = 2 * v + tap
                value = larger(value, every_second(load(line, start), load(line, start + size)))
            store_first(y_out, place + v, value, inside)
        else:
            for ox in range(v, v + inside):
                best = line[ox * step]
                for tap in range(1, taps):
                    other = line[ox * step + tap]
                    best = other if other > best or other != other else best
                y_out[place + ox] = best


@apart
def _plane(x, start, image, kernel, stride, pad, out, line, place, y_out):
    """One plane; `line` holds minus infinity wherever no column is written."""
    for oy in range(out[0]):
        first = oy * stride[0] - pad[0]
        top, bottom = max(first, 0), min(first + kernel[0], image[0])
        _largest_rows(x, start + top * image[1], bottom - top, image[1], pad[1], line)
        _largest_columns(line, kernel[1], stride[1], out[1], place + oy * out[1], y_out)


@parallel_kernel
def _max_values(x, image, kernel, stride, pad, out, y_out):
    area = image[0] * image[1]
    size = width(x)
    # Behind the last window two more vectors are read.
    length = max(pad[1] + image[1], (out[1] - 1) * stride[1] + kernel[1]) + (2 + stride[1]) * size
    for number in prange(x.size // area):
        plane = np.int64(number)
        line = np.empty(length, x.dtype)
        for v in range(0, length - size + 1, size):
            store(line, v, splat(x, -np.inf))
        store(line, length - size, splat(x, -np.inf))
        place = plane * out[0] * out[1]
        _plane(x, plane * area, image, kernel, stride, pad, out, line, place, y_out)


def max_pool_values(x, kernel, stride, pad, y_out):
    """Largest of each window of x (N, C, H, W), cut to the picture, to y_out (N, C, OH, OW).

    `kernel`, `stride`, `pad` are (rows, columns) pairs. A NaN in a window is its largest.
    """
    perform(max_values_call(x, kernel, stride, pad, y_out))


def max_values_call(x, kernel, stride, pad, y_out) -> Call:
    """What `max_pool_values` calls."""
    sizes = (x.shape[2:], kernel, stride, pad, y_out.shape[2:])
    threads = 0 if x.size >= _WORTH_SHARING else 1
    return Call(_max_values, (x.reshape(-1), *sizes, y_out.reshape(-1)), threads)
