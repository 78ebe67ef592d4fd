"""Contrastive loss over N pairs that are similar in part, forward and gradient."""

import math

import numpy as np

from ..jit import kernel
from .contrastive import DISTANCE_FLOOR

# From this similarity on a pair is expected within the margin.
_MOSTLY = 0.5


@kernel
def soft_contrastive_forward(
    a, b, share, margin, scale, manhattan, linear, distance_out, match_out
):
    """Return the sum over pairs of their terms (not yet divided by 2N).

    a, b (N, D); share (N,) similarities s from 0 to 1; D_i as in contrastive_forward. A term is
    s * scale * D_i + (1 - s) * t, with t = max(margin - sqrt(D_i), 0)^2, or max(margin - D_i, 0)
    when `linear`. Writes D_i, and 1 in match (N,) where a pair lies on its side of the margin.
    """
    total = 0.0
    for i in range(a.shape[0]):
        distance = a.dtype.type(0)
        for k in range(a.shape[1]):
            d = a[i, k] - b[i, k]
            distance += abs(d) if manhattan else d * d
        distance_out[i] = distance
        s = np.float64(share[i])
        scaled = scale * np.float64(distance)
        if s >= _MOSTLY:
            match_out[i] = 1 if (scaled if linear else math.sqrt(scaled)) <= margin else 0
        else:
            match_out[i] = 1 if (distance if linear else math.sqrt(distance)) > margin else 0
        gap = margin - (np.float64(distance) if linear else math.sqrt(distance))
        if gap < 0:
            gap = 0.0
        total += s * scaled + (1 - s) * (gap if linear else gap * gap)
    return total


@kernel
def soft_contrastive_backward(a, b, share, distance, margin, scale, manhattan, linear, q, da_out):
    """da = q times half the gradient of soft_contrastive_forward's sum; with -q it is db.

    `distance` (N,) is what forward wrote; q is the loss weight divided by N.
    """
    for i in range(a.shape[0]):
        root = math.sqrt(distance[i])
        gap = margin - (distance[i] if linear else root)
        s = np.float64(share[i])
        slope = s * scale
        if gap > 0 and linear:
            slope -= 1 - s
        elif gap > 0:
            slope -= (1 - s) * gap / (root + DISTANCE_FLOOR)
        for k in range(a.shape[1]):
            d = a[i, k] - b[i, k]
            if manhattan:
                d = (0.5 if d > 0 else -0.5) if d != 0 else 0.0
            da_out[i, k] = q * slope * d
