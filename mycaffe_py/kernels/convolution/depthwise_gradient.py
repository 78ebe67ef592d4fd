"""Backward of a depthwise convolution: what its filters and what its inputs get.

dw[o, t] += sum over n, p of dy[n, o, p] x[n, o // m, p at tap t];
dx[n, c, q] = sum over the m outputs o of channel c, and t, p with q = p at tap t, of
w[o, t] dy[n, o, p]. m = K / C. As in depthwise.py a channel is laid out in a buffer that stays in
the nearest cache. Sums are made image by image, whatever the threads.
"""

from __future__ import annotations

import numpy as np
from numba import get_num_threads, prange

from ..inlined import inlined
from ..jit import kernel, parallel_kernel
from ..sharing import call_on
from ..vectors.lanes import in_turn
from ..vectors.masked import load_first, store_first
from ..vectors.register_tile import load_places, load_tile, outer_fma, store_tile
from ..vectors.vector import broadcast, fma, load, splat, width
from .conv_planes import Planes, lay_plane, slack
from .depthwise import NINE, depthwise, nine_places

# Gradients from which it pays to wake the other threads.
_WORTH_SHARING = 1 << 16


@inlined
def _add_filter_sums(plane, step, offsets, dy, place, out, sums):
    """One channel of one image: a vector of partial sums for each tap, nine taps at a time."""
    size = width(plane)
    for first in range(0, offsets.size, len(NINE)):
        places = nine_places(offsets, first)
        totals = load_tile(sums, first * size, size, NINE)
        for row in range(out[0]):
            for v in range(0, out[1], size):
                seen = load_first(dy, place + row * out[1] + v, min(size, out[1] - v))
                columns = load_places(plane, places, row * step + v)
                totals = outer_fma(columns, (seen,), totals)
        store_tile(sums, first * size, size, totals)


@inlined
def _gather(laid, across, w, first, taps, size, adds, start, plane):
    """What the taps of one phase give each place of it, in `plane` from `start` on.

    laid: dy with zeros around; taps: pairs of a tap's number and where it meets place 0.
    """
    lane = width(plane)
    for row in range(size[0]):
        for v in range(0, size[1], lane):
            inside = min(lane, size[1] - v)
            here = start + row * size[1] + v
            total = load_first(plane, here, inside) if adds else splat(plane, 0)
            for k in range(0, taps.size, 2):
                seen = load(laid, taps[k + 1] + row * across + v)
                total = fma(broadcast(w, first + taps[k]), seen, total)
            store_first(plane, here, total, inside)


@inlined
def _take_in_turn(plane, image, phases, size, stride, pad, place, x_out):
    """As `take_plane` where columns of two phases come in turn, `stride` rows apart."""
    lane = width(plane)
    area = size[0] * size[1]
    end = min(image[1] + pad[1], 2 * size[1])
    for phase in range(phases):
        for row in range(size[0]):
            y = phase + row * stride - pad[0]
            if 0 <= y < image[0]:
                start = 2 * phase * area + row * size[1]
                there = place + y * image[1] - pad[1]
                # Column j of the padded image is column j // 2 of phase j % 2.
                j = pad[1]
                if j % 2 == 1 and j < end:
                    x_out[there + j] = plane[start + area + j // 2]
                    j += 1
                while j < end:
                    count = min(lane, (end - j + 1) // 2)
                    first = load_first(plane, start + j // 2, count)
                    second = load_first(plane, start + area + j // 2, count)
                    low, high = in_turn(first, second)
                    store_first(x_out, there + j, low, min(lane, end - j))
                    store_first(x_out, there + j + lane, high, min(lane, end - j - lane))
                    j += 2 * lane


@kernel
def take_plane(plane, image, phases, size, stride, pad, place, x_out):
    """Copy a laid out channel back to x_out from `place` on: the inverse of lay_plane.

    What lies in no plane is left alone.
    """
    if stride[1] == 2 and phases[1] == 2:
        _take_in_turn(plane, image, phases[0], size, stride[0], pad, place, x_out)
        return
    start = 0
    for phase in range(phases[0] * phases[1]):
        top = phase // phases[1] - pad[0]
        left = phase % phases[1] - pad[1]
        first = min(max(0, -(left // stride[1])), size[1])
        last = max(first, min(size[1], (image[1] - 1 - left) // stride[1] + 1))
        for row in range(size[0]):
            y = top + row * stride[0]
            if 0 <= y < image[0]:
                there = place + y * image[1] + left
                for q in range(first, last):
                    x_out[there + q * stride[1]] = plane[start + q]
            start += size[1]


@parallel_kernel
def _filters(pieces, x, image, channels, layout, scratch, offsets, dy, outputs, out, dw_out):
    phases, size, stride, pad = layout
    area = out[0] * out[1]
    images = dy.size // (outputs * area)
    for piece in prange(pieces):
        number = np.int64(piece)
        plane = np.zeros(scratch, x.dtype)
        lane = width(plane)
        sums = np.empty((offsets.size + len(NINE) - 1) * lane, x.dtype)
        for output in range(outputs * number // pieces, outputs * (number + 1) // pieces):
            sums[:] = 0
            channel = output // (outputs // channels)
            for n in range(images):
                start = (n * channels + channel) * image[0] * image[1]
                lay_plane(x, start, image, phases, size, stride, pad, 0, plane)
                place = (n * outputs + output) * area
                _add_filter_sums(plane, size[1], offsets, dy, place, out, sums)
            for tap in range(offsets.size):
                total = sums[tap * lane]
                for one in range(1, lane):
                    total += sums[tap * lane + one]
                dw_out[output * offsets.size + tap] += total


@parallel_kernel
def _inputs(pieces, dy, outputs, out, layout, scratch, taps, w, channels, image, dx_out):
    phases, size, stride, pad, margin, filter_size = layout
    area, each = out[0] * out[1], outputs // channels
    count = dx_out.size // (image[0] * image[1])
    around = (size[0] + margin[0], size[1] + margin[1])
    for piece in prange(pieces):
        number = np.int64(piece)
        laid = np.zeros(around[0] * around[1] + width(dy), dy.dtype)
        plane = np.empty(scratch, dy.dtype)
        for item in range(count * number // pieces, count * (number + 1) // pieces):
            n, channel = item // channels, item % channels
            for output in range(channel * each, (channel + 1) * each):
                place = (n * outputs + output) * area
                lay_plane(dy, place, out, (1, 1), around, (1, 1), margin, 0, laid)
                adds = output > channel * each
                for phase in range(phases[0] * phases[1]):
                    mine = taps[phase, 1 : 1 + 2 * taps[phase, 0]]
                    there = phase * size[0] * size[1]
                    _gather(
                        laid, around[1], w, output * filter_size, mine, size, adds, there, plane
                    )
            start = item * image[0] * image[1]
            for q in range(start, start + image[0] * image[1]):
                dx_out[q] = 0
            take_plane(plane, image, phases, size, stride, pad, start, dx_out)


def _taps_of(planes, margin):
    """For each phase how many taps it has; of each its number, and where it meets place 0."""
    area = planes.size[0] * planes.size[1]
    phase, place = planes.offsets // area, planes.offsets % area
    row, column = place // planes.size[1], place % planes.size[1]
    across = planes.size[1] + margin[1]
    here = (margin[0] - row) * across + margin[1] - column
    table = np.zeros((planes.phases[0] * planes.phases[1], 1 + 2 * planes.offsets.size), np.int64)
    for tap, (which, start) in enumerate(zip(phase, here, strict=True)):
        number = 1 + 2 * table[which, 0]
        table[which, number : number + 2] = tap, start
        table[which, 0] += 1
    return table


def depthwise_filters(x, dy, planes, stride, pad, dw_out):
    """Add to dw_out (K, 1, KH, KW) what dy (N, K, OH, OW) and x (N, C, H, W) make of it.

    All of one dtype and contiguous.
    """
    threads = get_num_threads() if dy.size >= _WORTH_SHARING else 1
    call_on(
        threads,
        _filters,
        threads,
        x.reshape(-1),
        x.shape[2:],
        x.shape[1],
        (planes.phases, planes.size, stride, pad),
        planes.elements + slack(x.dtype),
        planes.offsets,
        dy.reshape(-1),
        dy.shape[1],
        dy.shape[2:],
        dw_out.reshape(-1),
    )


def _slide_back(dy, w, planes, reach, around, dx_out):
    """Without strides: the filters turned around slide over dy with zeros `around` it."""
    height, across = (n + more for n, more in zip(dx_out.shape[2:], reach, strict=True))
    row, column = divmod(planes.offsets, planes.size[1])
    over = Planes((1, 1), (height, across), row * across + column, dx_out.shape[2:], False)
    turned = w.reshape(w.shape[0], -1)[:, ::-1].copy()
    factor, shift = np.ones(len(w), w.dtype), np.zeros(len(w), w.dtype)
    depthwise(dy, turned, over, (1, 1), around, factor, shift, w[:0], False, dx_out)


def depthwise_inputs(dy, w, planes, stride, pad, dx_out):
    """Overwrite dx_out (N, C, H, W) by what dy (N, K, OH, OW) makes of it by w (K, 1, KH, KW).

    All of one dtype and contiguous.
    """
    if stride == (1, 1) and w.shape[0] == dx_out.shape[1]:
        reach = [one - n for one, n in zip(planes.size, dy.shape[2:], strict=True)]
        around = (reach[0] - pad[0], reach[1] - pad[1])
        if min(around) >= 0:
            _slide_back(dy, w, planes, reach, around, dx_out)
            return
    threads = get_num_threads() if dy.size >= _WORTH_SHARING else 1
    # As many zeros stand before dy as a phase is longer than dy.
    margin = (planes.size[0] - dy.shape[2], planes.size[1] - dy.shape[3])
    call_on(
        threads,
        _inputs,
        threads,
        dy.reshape(-1),
        dy.shape[1],
        dy.shape[2:],
        (planes.phases, planes.size, stride, pad, margin, planes.offsets.size),
        planes.elements + slack(dy.dtype),
        _taps_of(planes, margin),
        w.reshape(-1),
        dx_out.shape[1],
        dx_out.shape[2:],
        dx_out.reshape(-1),
    )
