"""Pooling of pictures: maximum and mean over windows.

x (N, C, H, W), y and mask (N, C, OH, OW). `kernel`, `stride`, `pad` are (rows, columns) pairs.
Window (oy, ox) begins at (oy * stride - pad) and is cut to the picture.
"""

import numpy as np
from numba import prange

from .inlined import inlined
from .jit import kernel, parallel_kernel
from .vectors.lanes import every_second, larger, where_larger
from .vectors.masked import load_first, store_first
from .vectors.vector import splat, store, width


@kernel
def _span(place, kernel, stride, pad, size):
    """First and one past the last row (or column) of a window inside the picture."""
    start = place * stride - pad
    return max(start, 0), min(start + kernel, size)


@kernel
def _largest(x, top, bottom, left, right, width):
    """Value and flat place of a window's first maximum; a NaN counts as the largest."""
    place = top * width + left
    value = x[place]
    for iy in range(top, bottom):
        for here in range(iy * width + left, iy * width + right):
            candidate = x[here]
            larger = candidate > value or candidate != candidate
            value = candidate if larger else value
            place = here if larger else place
    return value, place


@inlined
def _every(x, start, step, count):
    """x[start], x[start + step], ... as a vector of `count` lanes; `step` is 1 or 2."""
    size = width(x)
    if step == 1:
        return load_first(x, start, count)
    span = 2 * count - 1
    first = load_first(x, start, min(size, span))
    return every_second(first, load_first(x, start + size, min(size, span - size)))


@kernel
def _max_run(x, start, across, rows, columns, step, count, y_out, there, taps):
    """A vector of windows side by side, of `rows` and `columns`, none cut off at left or right.

    `taps` gets the number of the largest element in its window.
    """
    value = _every(x, start, step, count)
    place = splat(x, 0)
    for row in range(rows):
        for column in range(columns):
            candidate = _every(x, start + row * across + column, step, count)
            place = where_larger(value, candidate, place, splat(x, row * columns + column))
            value = larger(value, candidate)
    store_first(y_out, there, value, count)
    store(taps, 0, place)


@kernel
def _max_plane(x, width_in, height, kernel, stride, pad, out, shifts, y_out, mask_out):
    """One plane, all arrays flat; windows side by side are vectors where stride is 1 or 2.

    shifts: how far each element of a window lies behind its first.
    """
    size = width(x)
    taps = np.empty(size, x.dtype)
    # Windows `first` to `last - 1` of a row are not cut off; fewer than half a vector do not pay.
    first = min(out[1], (pad[1] + stride[1] - 1) // stride[1])
    last = min(out[1], (width_in + pad[1] - kernel[1]) // stride[1] + 1)
    if stride[1] > 2 or 2 * (last - first) < size:
        first, last = out[1], out[1]
    for oy in range(out[0]):
        top, bottom = _span(oy, kernel[0], stride[0], pad[0], height)
        for ox in range(out[1]):
            if first <= ox < last:
                continue
            left, right = _span(ox, kernel[1], stride[1], pad[1], width_in)
            value, place = _largest(x, top, bottom, left, right, width_in)
            y_out[oy * out[1] + ox] = value
            mask_out[oy * out[1] + ox] = place
        for ox in range(first, last, size):
            count = min(size, last - ox)
            start = top * width_in + ox * stride[1] - pad[1]
            there = oy * out[1] + ox
            _max_run(
                x,
                start,
                width_in,
                bottom - top,
                kernel[1],
                stride[1],
                count,
                y_out,
                there,
                taps,
            )
            for lane in range(count):
                here = start + lane * stride[1]
                mask_out[there + lane] = here + shifts[np.int64(taps[lane])]


@kernel
def _max_plane_2x2(x, width, out, y_out, mask_out):
    """As `_max_plane` for a 2 x 2 kernel in steps of 2 that never leaves the picture.

    Without a branch, so that several windows are done at once.
    """
    for oy in range(out[0]):
        for ox in range(out[1]):
            place = 2 * oy * width + 2 * ox
            value = x[place]
            first = place
            for tap in (1, width, width + 1):
                candidate = x[first + tap]
                larger = candidate > value or candidate != candidate
                value = candidate if larger else value
                place = first + tap if larger else place
            y_out[oy * out[1] + ox] = value
            mask_out[oy * out[1] + ox] = place


@parallel_kernel
def max_pool(x, kernel, stride, pad, y_out, mask_out):
    """First maximum of each window and its flat place h * W + w; a NaN stays NaN."""
    rows, channels, height, width = x.shape
    out = (y_out.shape[2], y_out.shape[3])
    inside = 2 * out[0] <= height and 2 * out[1] <= width
    small = kernel == (2, 2) and stride == (2, 2) and pad == (0, 0) and inside
    shifts = np.empty(kernel[0] * kernel[1], np.int64)
    for tap in range(shifts.size):
        shifts[tap] = tap // kernel[1] * width + tap % kernel[1]
    xs = x.reshape(rows * channels, height * width)
    ys = y_out.reshape(rows * channels, out[0] * out[1])
    masks = mask_out.reshape(rows * channels, out[0] * out[1])
    for plane in prange(rows * channels):
        if small:
            _max_plane_2x2(xs[plane], width, out, ys[plane], masks[plane])
        else:
            y, mask = ys[plane], masks[plane]
            _max_plane(xs[plane], width, height, kernel, stride, pad, out, shifts, y, mask)


@parallel_kernel
def max_pool_backward(dy, mask, dx):
    """Overwrite dx (N, C, H, W): each dy goes to the place its window's maximum came from."""
    planes = dx.shape[0] * dx.shape[1]
    dxs = dx.reshape(planes, dx.shape[2] * dx.shape[3])
    dys = dy.reshape(planes, dy.shape[2] * dy.shape[3])
    masks = mask.reshape(planes, dy.shape[2] * dy.shape[3])
    for plane in prange(planes):
        dxs[plane] = 0
        for p in range(dys.shape[1]):
            dxs[plane, masks[plane, p]] += dys[plane, p]


@kernel
def _divisor(place, kernel, stride, pad, size):
    """Rows (or columns) a mean is taken over: padding counts, what lies behind it does not."""
    start = place * stride - pad
    return min(start + kernel, size + pad) - start


@parallel_kernel
def mean_pool(x, kernel, stride, pad, y_out):
    """Sum of each window's part inside the picture, divided by the padded window's area."""
    rows, channels, height, width = x.shape
    for plane in prange(rows * channels):
        picture = x[plane // channels, plane % channels]
        y = y_out[plane // channels, plane % channels]
        for oy in range(y.shape[0]):
            top, bottom = _span(oy, kernel[0], stride[0], pad[0], height)
            tall = _divisor(oy, kernel[0], stride[0], pad[0], height)
            for ox in range(y.shape[1]):
                left, right = _span(ox, kernel[1], stride[1], pad[1], width)
                wide = _divisor(ox, kernel[1], stride[1], pad[1], width)
                total = x.dtype.type(0)
                for iy in range(top, bottom):
                    for ix in range(left, right):
                        total += picture[iy, ix]
                y[oy, ox] = total / x.dtype.type(tall * wide)


@parallel_kernel
def mean_pool_backward(dy, kernel, stride, pad, dx):
    """Overwrite dx (N, C, H, W): each dy is spread evenly over its window."""
    rows, channels, height, width = dx.shape
    for plane in prange(rows * channels):
        dpicture = dx[plane // channels, plane % channels]
        dys = dy[plane // channels, plane % channels]
        dpicture[:, :] = 0
        for oy in range(dys.shape[0]):
            top, bottom = _span(oy, kernel[0], stride[0], pad[0], height)
            tall = _divisor(oy, kernel[0], stride[0], pad[0], height)
            for ox in range(dys.shape[1]):
                left, right = _span(ox, kernel[1], stride[1], pad[1], width)
                wide = _divisor(ox, kernel[1], stride[1], pad[1], width)
                share = dys[oy, ox] / dx.dtype.type(tall * wide)
                for iy in range(top, bottom):
                    for ix in range(left, right):
                        dpicture[iy, ix] += share
