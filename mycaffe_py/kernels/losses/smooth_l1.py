"""Smooth L1 of the weighted difference of two rows of numbers: a square near 0, linear behind.

a and b (n,). The weights inside and outside are (n,) too, or (1,) where all have the same.
"""

import numpy as np

from ..jit import kernel


@kernel
def smooth_l1(a, b, inside, outside, sharpness):
    """Sum of outside * f(inside * (a - b)); f changes at 1 / sharpness."""
    bound = 1 / sharpness
    inner, outer = inside.size > 1, outside.size > 1
    total = 0.0
    for i in range(a.size):
        d = abs(np.float64(inside[i * inner]) * (a[i] - b[i]))
        total += outside[i * outer] * (sharpness * d * d / 2 if d < bound else d - bound / 2)
    return total


@kernel
def smooth_l1_backward(a, b, inside, outside, sharpness, factor, dx_out):
    """dx (n,) = factor * the gradient of that sum with respect to a."""
    bound = 1 / sharpness
    inner, outer = inside.size > 1, outside.size > 1
    for i in range(a.size):
        weight = np.float64(inside[i * inner])
        d = weight * (a[i] - b[i])
        slope = sharpness * d if abs(d) < bound else np.sign(d)
        dx_out[i] = factor * outside[i * outer] * weight * slope
