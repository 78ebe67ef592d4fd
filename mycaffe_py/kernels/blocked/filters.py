"""Weights of a convolution as the blocked kernels read them."""

from __future__ import annotations

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
