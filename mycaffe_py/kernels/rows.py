"""Gradients of a gather: rows added to the places they were taken from."""

from .jit import kernel


@kernel
def add_rows(dy, index, dx_out):
    """dx[index[m]] += dy[m], in the order of m; dy (M, D), index (M,), dx (N, D)."""
    for m in range(dy.shape[0]):
        target = index[m]
        for d in range(dy.shape[1]):
            dx_out[target, d] += dy[m, d]
