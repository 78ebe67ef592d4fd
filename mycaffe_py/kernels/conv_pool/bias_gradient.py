"""Bias gradient of a convolution: the gradient of its pooled output summed per channel."""

from __future__ import annotations

from ..apart import apart
from ..vectors.grid import add_tiles
from ..vectors.masked import load_first
from ..vectors.vector import load, store, width


@apart
def add_biases(dy, images, outputs, windows, first, sums_out):
    """sums_out from `first` on (K, L) += dy, flat (images, K, windows); lanes are added later."""
    size = width(dy)
    for k in range(outputs):
        total = (load(sums_out, first + k * size),)
        for image in range(images):
            place = (image * outputs + k) * windows
            for window in range(0, windows, size):
                some = load_first(dy, place + window, min(size, windows - window))
                total = add_tiles(total, (some,))
        store(sums_out, first + k * size, total[0])
