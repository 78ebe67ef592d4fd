"""Smooth activations, element by element: Mish and GELU in both its forms.

Every array is 1-D, of one length; the gradients read x, so y must be another array.
"""

import math

from .jit import kernel

_ROOT_HALF = math.sqrt(0.5)
_DENSITY = 1 / math.sqrt(2 * math.pi)
# The tanh form: x/2 * (1 + tanh(_SLOPE * (x + _CUBIC * x^3))).
_SLOPE = math.sqrt(2 / math.pi)
_CUBIC = 0.044715


@kernel
def softplus(x, threshold):
    """log(1 + e^x) without overflow; x above `threshold`."""
    if x > threshold:
        return x
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@kernel
def mish_forward(x, threshold, y_out):
    """y = x * tanh(softplus(x))."""
    for i in range(x.size):
        y_out[i] = x[i] * math.tanh(softplus(x[i], threshold))


@kernel
def mish_backward(x, dy, threshold, dx_out):
    """dx = dy * (t + x * (1 - t^2) * s), t = tanh(softplus(x)), s its slope: sigmoid(x), or 1."""
    for i in range(x.size):
        t = math.tanh(softplus(x[i], threshold))
        s = 1.0 if x[i] > threshold else 1 / (1 + math.exp(-x[i]))
        dx_out[i] = dy[i] * (t + x[i] * (1 - t * t) * s)


@kernel
def gelu_forward(x, y_out):
    """y = x * P(x), P the normal distribution's share below x."""
    for i in range(x.size):
        y_out[i] = 0.5 * x[i] * math.erfc(-x[i] * _ROOT_HALF)


@kernel
def gelu_backward(x, dy, dx_out):
    """dx = dy * (P(x) + x * p(x)), p the normal density."""
    for i in range(x.size):
        share = 0.5 * math.erfc(-x[i] * _ROOT_HALF)
        dx_out[i] = dy[i] * (share + x[i] * _DENSITY * math.exp(-0.5 * x[i] * x[i]))


@kernel
def tanh_gelu_forward(x, y_out):
    """y = x/2 * (1 + tanh(u)), u = sqrt(2/pi) * (x + 0.044715 x^3)."""
    for i in range(x.size):
        u = _SLOPE * (x[i] + _CUBIC * x[i] * x[i] * x[i])
        y_out[i] = 0.5 * x[i] * (1 + math.tanh(u))


@kernel
def tanh_gelu_backward(x, dy, dx_out):
    """dx = dy / 2 * (1 + tanh(u) + x * (1 - tanh(u)^2) * du/dx)."""
    for i in range(x.size):
        t = math.tanh(_SLOPE * (x[i] + _CUBIC * x[i] * x[i] * x[i]))
        slope = _SLOPE * (1 + 3 * _CUBIC * x[i] * x[i])
        dx_out[i] = 0.5 * dy[i] * (1 + t + x[i] * (1 - t * t) * slope)
