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
from ..vectors.masked import load_first, store_first
from ..vectors.vector import broadcast, fma, load, store, width
from .conv_planes import lay_plane, slack

# Gradients from which it pays to wake the other threads.
_WORTH_SHARING = 1 << 16


@inlined
def _add_filter_sums(plane, step, offsets, dy, place, out, sums):
    """One channel of one image: a vector of partial sums for each tap."""
    size = width(plane)
    for tap in range(offsets.size):
        total = load(sums, tap * size)
        for row in range(out[0]):
            here = offsets[tap] + row * step
            for v in range(0, out[1], size):
                seen = load_first(dy, place + row * out[1] + v, min(size, out[1] - v))
                total = fma(seen, load(plane, here + v), total)
        store(sums, tap * size, total)


@inlined
def _spread(dy, place, w, first, step, offsets, out, plane):
    """Add to a laid out channel what one output's gradient is to its inputs."""
    size = width(plane)
    for tap in range(offsets.size):
        factor = broadcast(w, first + tap)
        for row in range(out[0]):
            here = offsets[tap] + row * step
            for v in range(0, out[1], size):
                inside = min(size, out[1] - v)
                seen = load_first(dy, place + row * out[1] + v, inside)
                before = load_first(plane, here + v, inside)
                store_first(plane, here + v, fma(factor, seen, before), inside)


@kernel
def take_plane(plane, image, phases, size, stride, pad, place, x_out):
    """Copy a laid out channel back to x_out from `place` on: the inverse of lay_plane.

    What lies in no plane is left alone.
    """
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
        sums = np.empty(offsets.size * lane, x.dtype)
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
def _inputs(pieces, dy, outputs, out, layout, scratch, offsets, w, channels, image, dx_out):
    phases, size, stride, pad = layout
    area, each = out[0] * out[1], outputs // channels
    count = dx_out.size // (image[0] * image[1])
    for piece in prange(pieces):
        number = np.int64(piece)
        plane = np.empty(scratch, dy.dtype)
        for item in range(count * number // pieces, count * (number + 1) // pieces):
            n, channel = item // channels, item % channels
            plane[:] = 0
            for output in range(channel * each, (channel + 1) * each):
                place = (n * outputs + output) * area
                _spread(dy, place, w, output * offsets.size, size[1], offsets, out, plane)
            start = item * image[0] * image[1]
            for q in range(start, start + image[0] * image[1]):
                dx_out[q] = 0
            take_plane(plane, image, phases, size, stride, pad, start, dx_out)


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


def depthwise_inputs(dy, w, planes, stride, pad, dx_out):
    """Overwrite dx_out (N, C, H, W) by what dy (N, K, OH, OW) makes of it by w (K, 1, KH, KW).

    All of one dtype and contiguous.
    """
    threads = get_num_threads() if dy.size >= _WORTH_SHARING else 1
    call_on(
        threads,
        _inputs,
        threads,
        dy.reshape(-1),
        dy.shape[1],
        dy.shape[2:],
        (planes.phases, planes.size, stride, pad),
        planes.elements + slack(dy.dtype),
        planes.offsets,
        w.reshape(-1),
        dx_out.shape[1],
        dx_out.shape[2:],
        dx_out.reshape(-1),
    )
