"""What an inner product with a fused ReLU needs around its matrix products."""

from __future__ import annotations

from ..jit import kernel


@kernel
def add_bias_and_rectify(bias, y_out):
    """Add bias (K,) to the rows of y_out (N, K), then set what is below 0 to 0; a NaN stays."""
    for n in range(y_out.shape[0]):
        for k in range(y_out.shape[1]):
            value = y_out[n, k] + bias[k]
            y_out[n, k] = y_out.dtype.type(0) if value < 0 else value


@kernel
def add_bias(bias, y_out):
    """Add bias (K,) to the rows of y_out (N, K)."""
    for n in range(y_out.shape[0]):
        for k in range(y_out.shape[1]):
            y_out[n, k] += bias[k]


@kernel
def mask_by_output(y, dy_out):
    """dy_out (N, K) = 0 wherever the ReLU's output y (N, K) is not above 0."""
    for n in range(y.shape[0]):
        for k in range(y.shape[1]):
            if y[n, k] <= 0:
                dy_out[n, k] = 0
