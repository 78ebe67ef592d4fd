"""Weights of a convolution as the blocked kernels read them."""

from __future__ import annotations

import numpy as np

from ..jit import kernel


@kernel
def pack_filters(w, factor, groups, size, packed_out):
    """w (K, C / groups, taps) to packed_out (blocks of K, blocks of C, taps, size, lanes).

    `size`: input channels of a block, 1 for pictures as Caffe has them. factor (K,) multiplies;
    what stands for no channel is 0.
    """
    outputs, channels, taps = w.shape
    filters, blocks = packed_out.shape[:2]
    across = packed_out.shape[4]
    of_group = outputs // groups
    per_group = filters // groups
    for f in range(filters):
        group = f // per_group
        first = (f - group * per_group) * across
        for b in range(blocks):
            for t in range(taps):
                for c in range(size):
                    channel = b * size + c
                    for o in range(across):
                        value = packed_out.dtype.type(0)
                        if first + o < of_group and channel < channels:
                            k = group * of_group + first + o
                            value = w[k, channel, t] * factor[k]
                        packed_out[f, b, t, c, o] = value


@kernel
def pack_points(w, factor, groups, matrix, packed_out):
    """w (K, C / groups, 9) to packed_out (pairs of blocks of K, points, C / groups, 2 * lanes).

    Each filter of 3 x 3 becomes its points, matrix w matrix' (few_products.py), in float64;
    factor (K,) multiplies; what stands for no channel is 0.
    """
    outputs, channels = w.shape[:2]
    reach = matrix.shape[0]
    pairs, across = packed_out.shape[0] // groups, packed_out.shape[3]
    of_group = outputs // groups
    taps, half = np.empty((3, 3, across)), np.empty((reach, 3, across))
    for pair in range(packed_out.shape[0]):
        group = pair // pairs
        first = (pair - group * pairs) * across
        begin = group * of_group + first
        count = min(across, of_group - first)
        taps[:] = 0
        for c in range(packed_out.shape[2]):
            for o in range(count if c < channels else 0):
                for t in range(9):
                    taps[t // 3, t % 3, o] = w[begin + o, c, t] * factor[begin + o]
            if c == channels:
                taps[:] = 0
            for i in range(reach):
                one, two, three = matrix[i, 0], matrix[i, 1], matrix[i, 2]
                for b in range(3):
                    for o in range(across):
                        half[i, b, o] = one * taps[0, b, o] + two * taps[1, b, o]
                        half[i, b, o] += three * taps[2, b, o]
            for i in range(reach):
                for j in range(reach):
                    one, two, three = matrix[j, 0], matrix[j, 1], matrix[j, 2]
                    for o in range(across):
                        total = one * half[i, 0, o] + two * half[i, 1, o] + three * half[i, 2, o]
                        packed_out[pair, i * reach + j, c, o] = total
