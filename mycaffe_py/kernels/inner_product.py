"""Floor 0. Inner product y = x w^T + b (, ReLU) and its gradients, on plain rows."""

from __future__ import annotations

from .gemm import gemm
from .jit import kernel


@kernel
def add_bias(bias, relu, y_out):
    """y_out (N, K) += bias (K,), then max(0, .) with `relu`; a NaN stays."""
    for n in range(y_out.shape[0]):
        for k in range(y_out.shape[1]):
            value = y_out[n, k] + bias[k]
            y_out[n, k] = y_out.dtype.type(0) if relu and value < 0 else value


@kernel
def mask_by_output(y, dy_out):
    """dy_out (N, K) = 0 wherever the ReLU's output y (N, K) is not above 0."""
    for n in range(y.shape[0]):
        for k in range(y.shape[1]):
            if y[n, k] <= 0:
                dy_out[n, k] = 0


@kernel
def add_column_sums(dy, db):
    """db (K,) += sum over the rows of dy (N, K), first row first."""
    for n in range(dy.shape[0]):
        for k in range(dy.shape[1]):
            db[k] += dy[n, k]


def inner_product_forward(x, w, bias, y_out, *, relu=False, packed=None):
    """y_out (N, K) = x (N, D) w (K, D)^T + bias (K,), then max(0, .) with `relu`."""
    gemm(x, w, y_out, transpose_b=True, packed=packed)
    add_bias(bias, relu, y_out)


def inner_product_backward(x, w, dy, dx_out, dw, db, *, packed=None):
    """dw (K, D) += dy^T x; db (K,) += column sums of dy (N, K); dx_out (N, D) = dy w.

    dx_out may be None. Behind a fused ReLU call mask_by_output(y, dy) first.
    """
    gemm(dy, x, dw, transpose_a=True, accumulate=True, packed=packed)
    add_column_sums(dy, db)
    if dx_out is not None:
        gemm(dy, w, dx_out, packed=packed)
