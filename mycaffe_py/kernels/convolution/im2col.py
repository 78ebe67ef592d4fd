"""Columns: every patch a filter looks at, side by side, so that convolution is a product.

x (N, C, H, W); columns (C * KH * KW, N * OH * OW): row (c, ky, kx), column (n, oy, ox), holding
x[n, c, oy * stride - pad + ky * dilation, ...] or 0 outside. `kernel`, `stride`, `pad`,
`dilation` and `out` are (rows, columns) pairs. More than two axes go through a table of places.
"""

import numpy as np
from numba import prange

from ..jit import kernel, parallel_kernel
from ..vectors.masked import load_first, store_first
from ..vectors.vector import fma, splat, width


@kernel
def _inside(tap, stride, size, out):
    """First and one past the last output place whose tap (its offset from the start) is inside."""
    first = max(0, -(tap // stride))
    last = min(out, (size - 1 - tap) // stride + 1)
    return min(first, out), max(first, last)


@kernel
def _copy_row(x, start, step, first, last, columns_out, place):
    """columns_out[place + k] = x[start + k * step] for first <= k < last."""
    size = width(x)
    if step == 1:
        k = first
        while k < last:
            part = load_first(x, start + k, min(size, last - k))
            store_first(columns_out, place + k, part, min(size, last - k))
            k += size
    else:
        for k in range(first, last):
            columns_out[place + k] = x[start + k * step]


@kernel
def _clear(array_out, first, last):
    for k in range(first, last):
        array_out[k] = 0


@kernel
def _add_row(columns, place, step, first, last, dx, start):
    """dx[start + k * step] += columns[place + k] for first <= k < last."""
    size = width(columns)
    if step == 1:
        one = splat(columns, 1)
        k = first
        while k < last:
            count = min(size, last - k)
            added = load_first(columns, place + k, count)
            old = load_first(dx, start + k, count)
            store_first(dx, start + k, fma(one, added, old), count)
            k += size
    else:
        for k in range(first, last):
            dx[start + k * step] += columns[place + k]


@kernel
def _column_row(x, shape, row, kernel, stride, pad, dilation, out, columns_out):
    """One row (c, ky, kx) of the columns, x and columns_out flat."""
    rows, channels, height, image_width = shape
    out_height, out_width = out
    step_y, step_x = stride
    channel = row // (kernel[0] * kernel[1])
    ky = (row // kernel[1]) % kernel[0] * dilation[0] - pad[0]
    kx = row % kernel[1] * dilation[1] - pad[1]
    top, bottom = _inside(ky, step_y, height, out_height)
    left, right = _inside(kx, step_x, image_width, out_width)
    place = row * rows * out_height * out_width
    for n in range(rows):
        image = ((n * channels + channel) * height + ky) * image_width + kx
        for oy in range(out_height):
            inside = top <= oy < bottom
            if not inside or right - left < out_width:
                _clear(columns_out, place, place + out_width)
            if inside:
                start = image + oy * step_y * image_width
                _copy_row(x, start, step_x, left, right, columns_out, place)
            place += out_width


@parallel_kernel
def im2col(x, kernel, stride, pad, dilation, out, columns_out):
    """Write the columns of x (N, C, H, W)."""
    flat = x.reshape(-1)
    columns = columns_out.reshape(-1)
    for item in prange(x.shape[1] * kernel[0] * kernel[1]):
        row = np.int64(item)
        if stride[1] == 1:
            step = (stride[0], 1)  # as a constant, four times as fast
            _column_row(flat, x.shape, row, kernel, step, pad, dilation, out, columns)
        else:
            _column_row(flat, x.shape, row, kernel, stride, pad, dilation, out, columns)


@kernel
def _image_channel(columns, shape, channel, kernel, stride, pad, dilation, out, dx):
    """Sum one channel of all images from its taps, columns and dx flat.

    Taps run outside images: adding twice to a place in quick succession would make the second
    load wait for the first store.
    """
    rows, channels, height, image_width = shape
    out_height, out_width = out
    step_y, step_x = stride
    area = height * image_width
    for n in range(rows):
        _clear(dx, (n * channels + channel) * area, (n * channels + channel + 1) * area)
    for tap in range(kernel[0] * kernel[1]):
        ky = tap // kernel[1] * dilation[0] - pad[0]
        kx = tap % kernel[1] * dilation[1] - pad[1]
        top, bottom = _inside(ky, step_y, height, out_height)
        left, right = _inside(kx, step_x, image_width, out_width)
        row = (channel * kernel[0] * kernel[1] + tap) * rows
        for n in range(rows):
            place = (row + n) * out_height * out_width
            image = (n * channels + channel) * area + ky * image_width + kx
            for oy in range(top, bottom):
                start = image + oy * step_y * image_width
                _add_row(columns, place + oy * out_width, step_x, left, right, dx, start)


@parallel_kernel
def col2im(columns, kernel, stride, pad, dilation, out, dx):
    """Overwrite dx (N, C, H, W) with the sums of all column elements that came from each place."""
    flat = columns.reshape(-1)
    dflat = dx.reshape(-1)
    for item in prange(dx.shape[1]):
        channel = np.int64(item)
        if stride[1] == 1:
            step = (stride[0], 1)  # as a constant, four times as fast
            _image_channel(flat, dx.shape, channel, kernel, step, pad, dilation, out, dflat)
        else:
            _image_channel(flat, dx.shape, channel, kernel, stride, pad, dilation, out, dflat)


@parallel_kernel
def gather_columns(x, table, columns_out):
    """Columns of x (N, C, S) through table (T, P): place of tap t at output p, -1 for outside."""
    rows, channels, _ = x.shape
    taps, area = table.shape
    for row in prange(channels * taps):
        channel = row // taps
        tap = row % taps
        for n in range(rows):
            for p in range(area):
                place = table[tap, p]
                value = x[n, channel, place] if place >= 0 else x.dtype.type(0)
                columns_out[row, n * area + p] = value


@parallel_kernel
def scatter_columns(columns, table, dx):
    """Overwrite dx (N, C, S) with sums over the columns: the transpose of `gather_columns`."""
    rows, channels, _ = dx.shape
    taps, area = table.shape
    for plane in prange(rows * channels):
        n = plane // channels
        channel = plane % channels
        dx[n, channel] = 0
        for tap in range(taps):
            for p in range(area):
                place = table[tap, p]
                if place >= 0:
                    dx[n, channel, place] += columns[channel * taps + tap, n * area + p]


@parallel_kernel
def rows_to_images(products, bias, y_out):
    """y_out (N, O, P) = products (O, N * P) + bias (O); an empty bias adds nothing."""
    rows, outputs, area = y_out.shape
    for plane in prange(rows * outputs):
        n = plane // outputs
        output = plane % outputs
        added = bias[output] if bias.size else y_out.dtype.type(0)
        for p in range(area):
            y_out[n, output, p] = products[output, n * area + p] + added


@parallel_kernel
def images_to_rows(y, products_out):
    """products_out (O, N * P) from y (N, O, P)."""
    rows, outputs, area = y.shape
    for plane in prange(rows * outputs):
        n = plane // outputs
        output = plane % outputs
        for p in range(area):
            products_out[output, n * area + p] = y[n, output, p]
