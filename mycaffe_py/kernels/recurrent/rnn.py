"""The recurrence of a plain recurrent net over time.

T steps, N rows, H hidden numbers; `cont` (T, N) is 0 where a sequence starts: what was before is
forgotten there, even a NaN.
"""

from numba import prange

from ..jit import kernel, parallel_kernel
from .recurrence import add_product, carry
from .squash import tanh_in_place


@kernel
def _rows_forward(cont, w_packed, first, last, h_start, before, h_out):
    hidden = h_out.shape[2]
    for t in range(h_out.shape[0]):
        for n in range(first, last):
            carry(cont[t, n], h_out[t - 1, n] if t > 0 else h_start[n], before[t, n])
        add_product(
            before[t].reshape(-1), hidden, w_packed, first, last, hidden, h_out[t].reshape(-1)
        )
        for n in range(first, last):
            tanh_in_place(h_out[t, n])


@parallel_kernel
def rnn_forward(cont, w_packed, block, h_start, before_out, h_out):
    """h_t = tanh(W_x x + b + W_h cont h_t-1): h_out (T, N, H) holds W_x x + b on entry.

    w_packed is W_h (H, H) transposed; a thread takes `block` rows; h_start (N, H) is the state at
    the start; before_out (T, N, H) are cont h_t-1.
    """
    rows = h_out.shape[1]
    for part in prange((rows + block - 1) // block):
        first = part * block
        last = min(rows, first + block)
        _rows_forward(cont, w_packed, first, last, h_start, before_out, h_out)


@kernel
def _rows_backward(cont, w_packed, first, last, h, dsums, dh):
    steps, _, hidden = h.shape
    one = h.dtype.type(1)
    for step in range(steps):
        t = steps - 1 - step
        for n in range(first, last):
            for j in range(hidden):
                slope = one - h[t, n, j] * h[t, n, j]
                dsums[t, n, j] = (dsums[t, n, j] + dh[n, j]) * slope
            dh[n] = 0
        add_product(dsums[t].reshape(-1), hidden, w_packed, first, last, hidden, dh.reshape(-1))
        for n in range(first, last):
            carry(cont[t, n], dh[n], dh[n])


@parallel_kernel
def rnn_backward(cont, w_packed, block, h, dsums_out, dh_out):
    """dsums_out (T, N, H): the gradient of h on entry, afterwards that of the sums before tanh.

    w_packed is W_h (H, H) as it is. dh_out (N, H) holds a further gradient of the last state, and
    afterwards that of the state at the start.
    """
    rows = h.shape[1]
    for part in prange((rows + block - 1) // block):
        first = part * block
        last = min(rows, first + block)
        _rows_backward(cont, w_packed, first, last, h, dsums_out, dh_out)
