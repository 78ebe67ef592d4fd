"""Floor 0. Pooling of pictures: maximum and mean over windows.

x (N, C, H, W), y and mask (N, C, OH, OW). `kernel`, `stride`, `pad` are (rows, columns) pairs.
Window (oy, ox) begins at (oy * stride - pad) and is cut to the picture.
"""

from numba import prange

from .jit import kernel, parallel_kernel


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


@kernel
def _max_plane(x, width, height, kernel, stride, pad, out, y_out, mask_out):
    """One plane, all arrays flat."""
    for oy in range(out[0]):
        top, bottom = _span(oy, kernel[0], stride[0], pad[0], height)
        for ox in range(out[1]):
            left, right = _span(ox, kernel[1], stride[1], pad[1], width)
            value, place = _largest(x, top, bottom, left, right, width)
            y_out[oy * out[1] + ox] = value
            mask_out[oy * out[1] + ox] = place


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
    xs = x.reshape(rows * channels, height * width)
    ys = y_out.reshape(rows * channels, out[0] * out[1])
    masks = mask_out.reshape(rows * channels, out[0] * out[1])
    for plane in prange(rows * channels):
        if small:
            _max_plane_2x2(xs[plane], width, out, ys[plane], masks[plane])
        else:
            _max_plane(xs[plane], width, height, kernel, stride, pad, out, ys[plane], masks[plane])


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
