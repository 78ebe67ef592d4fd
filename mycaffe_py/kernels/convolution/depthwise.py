"""Depthwise convolution: every output channel sees one input channel.

y[n, o, p] = factor[o] * sum over t of w[o, t] x[n, o // m, p at tap t] + shift[o] (+ added),
rectified if wished, m = K / C. A channel is laid out by conv_planes.py in a buffer that stays in
the nearest cache; a vector is side by side outputs of one row.
"""

from __future__ import annotations

import numpy as np
from numba import get_num_threads, prange

from ..inlined import inlined
from ..jit import parallel_kernel
from ..sharing import Call, perform
from ..vectors.masked import store_first
from ..vectors.register_tile import broadcast_tile, chain_fma, load_places
from ..vectors.vector import broadcast, fma, load, splat, width
from .conv_planes import lay_plane, slack
from .conv_write import finish

# Outputs from which it pays to wake the other threads, which takes about 40 us.
_WORTH_SHARING = 1 << 16

NINE = (0,) * 9


@inlined
def nine_places(offsets, first):
    """Nine offsets from `first` on; the last one stands for those behind it."""
    last = offsets.size - 1
    return (
        offsets[min(first, last)],
        offsets[min(first + 1, last)],
        offsets[min(first + 2, last)],
        offsets[min(first + 3, last)],
        offsets[min(first + 4, last)],
        offsets[min(first + 5, last)],
        offsets[min(first + 6, last)],
        offsets[min(first + 7, last)],
        offsets[min(first + 8, last)],
    )


@inlined
def _filter_plane(plane, step, offsets, w, first, out, ends, added, relu, place, y_out):
    """One channel: filter w[first] ... over rows `step` apart; `ends` are factor and shift."""
    size = width(plane)
    nine = offsets.size == len(NINE)
    # Nine weights stay in registers.
    weights = broadcast_tile(w, first, 1 if nine else 0, NINE)
    places = nine_places(offsets, 0)
    for row in range(out[0]):
        for v in range(0, out[1], size):
            total = splat(plane, 0)
            if nine:
                total = chain_fma(weights, load_places(plane, places, row * step + v), total)
            else:
                for tap in range(offsets.size):
                    seen = load(plane, offsets[tap] + row * step + v)
                    total = fma(broadcast(w, first + tap), seen, total)
            inside = min(size, out[1] - v)
            value = fma(splat(plane, ends[0]), total, splat(plane, ends[1]))
            here = place + row * out[1] + v
            value = finish(value, added, added.size > 0, relu, here, inside, y_out)
            store_first(y_out, here, value, inside)


@parallel_kernel
def _depthwise(
    pieces, x, image, channels, layout, scratch, offsets, w, outputs, out, ends, added, relu, y_out
):
    phases, size, stride, pad = layout
    factor, shift = ends
    area = out[0] * out[1]
    count = y_out.size // area
    for piece in prange(pieces):
        number = np.int64(piece)
        plane = np.empty(scratch, x.dtype)
        laid = -1
        for item in range(count * number // pieces, count * (number + 1) // pieces):
            output = item % outputs
            seen = item // outputs * channels + output // (outputs // channels)
            if seen != laid:
                start = seen * image[0] * image[1]
                lay_plane(x, start, image, phases, size, stride, pad, 0, plane)
                laid = seen
            _filter_plane(
                plane,
                size[1],
                offsets,
                w,
                output * offsets.size,
                out,
                (factor[output], shift[output]),
                added,
                relu,
                item * area,
                y_out,
            )


def depthwise(x, w, planes, stride, pad, factor, shift, added, relu, y_out):
    """Convolve x (N, C, H, W) with w (K, 1, KH, KW), K a multiple of C, to y_out (N, K, OH, OW).

    factor, shift (K,); added: an array like y_out, or an empty one. All of one dtype, contiguous.
    """
    perform(depthwise_call(x, w, planes, stride, pad, factor, shift, added, relu, y_out))


def depthwise_call(x, w, planes, stride, pad, factor, shift, added, relu, y_out) -> Call:
    """What `depthwise` calls."""
    pieces = get_num_threads() if y_out.size >= _WORTH_SHARING else 1
    arguments = (
        x.reshape(-1),
        x.shape[2:],
        x.shape[1],
        (planes.phases, planes.size, stride, pad),
        planes.elements + slack(x.dtype),
        planes.offsets,
        w.reshape(-1),
        y_out.shape[1],
        y_out.shape[2:],
        (factor, shift),
        added.reshape(-1),
        relu,
        y_out.reshape(-1),
    )
    return Call(_depthwise, (pieces, *arguments), pieces)
