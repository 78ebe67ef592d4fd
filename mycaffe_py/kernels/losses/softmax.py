"""Softmax over the middle axis of (outer, C, inner), and the cross entropy behind it."""

import math

import numpy as np

from ..jit import kernel

# Smallest normal float32: Caffe's floor for a probability before its logarithm is taken.
SMALLEST_PROBABILITY = 1.17549435e-38


@kernel
def softmax_forward(x, y_out):
    """y = exp(x - max x) / sum exp(x - max x) over axis 1; y may be x."""
    outer, channels, inner = x.shape
    largest = np.empty(inner, x.dtype)
    total = np.empty(inner, x.dtype)
    for n in range(outer):
        for i in range(inner):
            # Not largest[:] = x[n, 0]: numba would compile what it says of shapes that differ, 2 s.
            largest[i] = x[n, 0, i]
        for c in range(1, channels):
            for i in range(inner):
                if x[n, c, i] > largest[i]:
                    largest[i] = x[n, c, i]
        total[:] = 0
        for c in range(channels):
            for i in range(inner):
                e = math.exp(x[n, c, i] - largest[i])
                y_out[n, c, i] = e
                total[i] += e
        for c in range(channels):
            for i in range(inner):
                y_out[n, c, i] /= total[i]


@kernel
def softmax_backward(y, dy, dx_out):
    """dx = (dy - sum(dy * y)) * y, the sum over axis 1; dx may be dy."""
    outer, channels, inner = y.shape
    total = np.empty(inner, y.dtype)
    for n in range(outer):
        total[:] = 0
        for c in range(channels):
            for i in range(inner):
                total[i] += dy[n, c, i] * y[n, c, i]
        for c in range(channels):
            for i in range(inner):
                dx_out[n, c, i] = (dy[n, c, i] - total[i]) * y[n, c, i]


@kernel
def cross_entropy(y, labels, counted):
    """Return the sum of -log max(y at the label, 1.18e-38) over the counted positions.

    y (outer, C, inner) probabilities, labels and counted (outer, inner), labels in 0 ... C - 1.
    """
    loss = 0.0
    for n in range(labels.shape[0]):
        for i in range(labels.shape[1]):
            if counted[n, i]:
                p = np.float64(y[n, labels[n, i], i])
                if p < SMALLEST_PROBABILITY:
                    p = SMALLEST_PROBABILITY
                loss -= math.log(p)
    return loss


@kernel
def cross_entropy_backward(y, labels, counted, factor, dx_out):
    """dx = factor * (y - 1 at the label) at counted positions, 0 elsewhere."""
    outer, channels, inner = y.shape
    f = y.dtype.type(factor)
    zero = y.dtype.type(0)
    for n in range(outer):
        for c in range(channels):
            for i in range(inner):
                dx_out[n, c, i] = f * y[n, c, i] if counted[n, i] else zero
        for i in range(inner):
            if counted[n, i]:
                dx_out[n, labels[n, i], i] -= f


@kernel
def count_rivals(scores, labels, counted, rivals_out):
    """How many other classes score at least as high as the label's; NaN counts as higher.

    scores (outer, C, inner), labels, counted and rivals (outer, inner); -1 where not counted.
    """
    channels = scores.shape[1]
    for n in range(labels.shape[0]):
        for i in range(labels.shape[1]):
            rivals_out[n, i] = -1
            if counted[n, i]:
                own = scores[n, labels[n, i], i]
                for c in range(channels):
                    if not scores[n, c, i] < own:
                        rivals_out[n, i] += 1
