"""From stored pixels to what a net reads: mean, scale, crop, mirror, affine warp.

Letters: M images (N items of k images each), C channels, H W stored pixels, h w cropped pixels.
"""

from __future__ import annotations

import numpy as np

from .jit import kernel


@kernel
def transform_images(images, records, mean, scale, mirror, corner, y_out):
    """y = (x - mean) * scale, read from the crop window, mirrored left to right where asked.

    images (n, C, H, W) of any type, records (M,) the images wanted, mean (C, H, W) and scale in
    y's type, mirror (M,) bool, corner (M, 2) upper left pixel of the window, y_out (N, k, C, h, w)
    with N * k = M; all contiguous. The mean belongs to the stored pixel: it is cropped and
    mirrored with the image.
    """
    per_item = y_out.shape[1]
    for m in range(records.shape[0]):
        x = images[records[m]]
        y = y_out[m // per_item, m % per_item]
        if y.shape == x.shape and not mirror[m]:
            # One long row: twice as fast as many short ones.
            _scale(x.reshape(-1), mean.reshape(-1), scale, y.reshape(-1))
        else:
            _cut(x, mean, scale, mirror[m], corner[m], y)


@kernel
def _scale(x, mean, scale, y_out):
    for j in range(y_out.shape[0]):
        y_out[j] = (y_out.dtype.type(x[j]) - mean[j]) * scale


@kernel
def _cut(x, mean, scale, mirrored, corner, y_out):
    """One image x (C, H, W) to y (C, h, w)."""
    channels, height, width = y_out.shape
    for c in range(channels):
        for i in range(height):
            x_row = x[c, corner[0] + i, corner[1] : corner[1] + width]
            mean_row = mean[c, corner[0] + i, corner[1] : corner[1] + width]
            y_row = y_out[c, i]
            if mirrored:
                for j in range(width):
                    value = y_row.dtype.type(x_row[j])
                    y_row[width - 1 - j] = (value - mean_row[j]) * scale
            else:
                _scale(x_row, mean_row, scale, y_row)


@kernel
def _put_inside(x, framed_out):
    """Copy x (H, W) into framed (H + 2, W + 2), leaving a frame of one pixel as it is."""
    for i in range(x.shape[0]):
        x_row = x[i]
        row = framed_out[i + 1, 1:]
        for j in range(x.shape[1]):
            row[j] = framed_out.dtype.type(x_row[j])


@kernel
def warp_images(images, records, mean, scale, mirror, corner, matrix, gain, fill, y_out):
    """As transform_images, with the image (not the mean) warped before it is cropped.

    matrix (M, 2, 3) in y's type maps a pixel (row, column, 1) of the warped image to the place in
    the stored image it shows. Values between pixels are bilinear; every pixel outside is `fill`.
    gain (M, C) multiplies the values before the mean is taken off.
    """
    per_item, channels, height, width = y_out.shape[1:]
    number = y_out.dtype.type
    # A frame of one pixel makes the outside part of the image, so that no pixel needs a test.
    rows, columns = images.shape[2] + 2, images.shape[3] + 2
    framed = np.full((rows, columns), fill, y_out.dtype)
    zero = number(0)
    bottom = number(rows - 1)
    right = number(columns - 1)
    for m in range(records.shape[0]):
        top = corner[m, 0]
        left = corner[m, 1]
        a, b, e = matrix[m, 0, 0], matrix[m, 0, 1], matrix[m, 0, 2] + number(1)
        c, d, f = matrix[m, 1, 0], matrix[m, 1, 1], matrix[m, 1, 2] + number(1)
        for channel in range(channels):
            _put_inside(images[records[m], channel], framed)
            brighter = gain[m, channel]
            for i in range(height):
                row = number(top + i)
                mean_row = mean[channel, top + i, left : left + width]
                y_row = y_out[m // per_item, m % per_item, channel, i]
                for j in range(width):
                    column = number(left + j)
                    y = min(max(a * row + b * column + e, zero), bottom)
                    x = min(max(c * row + d * column + f, zero), right)
                    # Unsigned numbers spare the test for an index that counts from the end.
                    y0 = np.uint32(np.int32(y))
                    x0 = np.uint32(np.int32(x))
                    y1 = np.uint32(np.int32(min(y + 1, bottom)))
                    x1 = np.uint32(np.int32(min(x + 1, right)))
                    dy = y - number(np.int32(y0))
                    dx = x - number(np.int32(x0))
                    upper_left = framed[y0, x0]
                    lower_left = framed[y1, x0]
                    upper = upper_left + (framed[y0, x1] - upper_left) * dx
                    lower = lower_left + (framed[y1, x1] - lower_left) * dx
                    value = (upper + (lower - upper) * dy) * brighter
                    place = width - 1 - j if mirror[m] else j
                    y_row[place] = (value - mean_row[j]) * scale
