"""Losses of class scores: hinge, infogain, and the cross entropy of sigmoids.

Sums are taken in float64, first element to last.
"""

import math

import numpy as np

from ..jit import kernel

# Caffe's floor for a probability before its logarithm is taken here.
SMALLEST = 1e-20


@kernel
def hinge(x, labels, squared):
    """Sum over x (N, C) of max(0, 1 - x) at the label and max(0, 1 + x) elsewhere, or squares."""
    loss = 0.0
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            score = np.float64(x[n, c])
            gap = max(0.0, 1.0 - score if c == labels[n] else 1.0 + score)
            if score != score:
                gap = score
            loss += gap * gap if squared else gap
    return loss


@kernel
def hinge_backward(x, labels, squared, factor, dx_out):
    """dx = factor times the derivative of `hinge`; 0 where the margin is kept."""
    one = x.dtype.type(1)
    zero = x.dtype.type(0)
    f = x.dtype.type(factor)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            sign = -one if c == labels[n] else one
            gap = one + sign * x[n, c]
            slope = 2 * gap if squared else one
            dx_out[n, c] = zero if gap <= zero else f * sign * slope


@kernel
def infogain(p, labels, counted, h):
    """-sum over c of h[label, c] * log max(p_c, 1e-20), over the counted places.

    p (outer, C, inner) probabilities, labels and counted (outer, inner), h (C, C).
    """
    loss = 0.0
    for n in range(p.shape[0]):
        for i in range(p.shape[2]):
            if counted[n, i]:
                for c in range(p.shape[1]):
                    probability = np.float64(p[n, c, i])
                    if probability < SMALLEST:
                        probability = SMALLEST
                    loss -= h[labels[n, i], c] * math.log(probability)
    return loss


@kernel
def infogain_backward(p, labels, counted, h, factor, dx_out):
    """dx = factor * (p * sum of h's row of the label - h[label]) at counted places, else 0.

    The derivative of `infogain` by the scores that p is the softmax of.
    """
    f = p.dtype.type(factor)
    for n in range(p.shape[0]):
        for i in range(p.shape[2]):
            label = labels[n, i]
            total = p.dtype.type(h[label].sum())
            for c in range(p.shape[1]):
                dx_out[n, c, i] = 0
                if counted[n, i]:
                    dx_out[n, c, i] = f * (p[n, c, i] * total - h[label, c])


@kernel
def sigmoid_cross_entropy(x, target, counted):
    """Sum of log(1 + e^x) - t x over the counted elements; x, t and counted of one length.

    Written as max(x, 0) - t x + log(1 + e^-|x|), which no x overflows.
    """
    loss = 0.0
    for i in range(x.size):
        if counted[i]:
            score = np.float64(x[i])
            loss += (score if score > 0 else 0.0) - target[i] * score
            loss += math.log1p(math.exp(-abs(score)))
    return loss


@kernel
def sigmoid_cross_entropy_backward(x, target, counted, factor, dx_out):
    """dx = factor * (1 / (1 + e^-x) - t) at counted elements, 0 elsewhere."""
    one = x.dtype.type(1)
    f = x.dtype.type(factor)
    for i in range(x.size):
        dx_out[i] = 0
        if counted[i]:
            e = math.exp(-abs(x[i]))
            sigmoid = (one if x[i] >= 0 else e) / (one + e)
            dx_out[i] = f * (sigmoid - target[i])
