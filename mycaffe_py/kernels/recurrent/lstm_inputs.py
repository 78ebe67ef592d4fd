"""The rows of numbers that an LSTM's sums are made of: h, x, s, 1 and zeros."""

from __future__ import annotations

from numba import prange

from ..jit import parallel_kernel


@parallel_kernel
def set_inputs(shape, x, x_steps, static, inputs_out):
    """Everything behind the columns of h in inputs_out (T, N, S); all arrays are flat.

    shape: T, N, S, the columns of h, those of x (0: x is not wanted), those of static. x_steps: how
    far in x two steps and two rows are apart. static (N, Ds).
    """
    steps, rows, stride, hidden, wide, fixed = shape
    for t in prange(steps):
        for n in range(rows):
            place = (t * rows + n) * stride + hidden
            start = t * x_steps[0] + n * x_steps[1]
            for j in range(wide):
                inputs_out[place + j] = x[start + j]
            place += wide
            for j in range(fixed):
                inputs_out[place + j] = static[n * fixed + j]
            place += fixed
            inputs_out[place] = 1
            for j in range(stride - hidden - wide - fixed - 1):
                inputs_out[place + 1 + j] = 0
