"""Floor 0. The cell of a long short-term memory, and its recurrence over time.

T steps, N rows, H hidden numbers; gates (T, N, 4H) in the order input i, forget f, output o,
candidate g. `cont` (T, N) is 0 where a sequence starts: what was before is forgotten there, even
a NaN. `squashed` is tanh c.
"""

from numba import prange

from .jit import kernel, parallel_kernel
from .recurrence import add_product, carry
from .squash import sigmoid_in_place, tanh_in_place


@kernel
def cell_forward(cont, c_before, gates_out, squashed_out, c_out, h_out):
    """One row: c = cont f c_before + i g, h = o tanh c.

    gates_out (4H,) holds the sums before sigmoid and tanh, afterwards i, cont f, o, g.
    """
    hidden = h_out.size
    sigmoid_in_place(gates_out[: 3 * hidden])
    tanh_in_place(gates_out[3 * hidden :])
    for j in range(hidden):
        c = gates_out[j] * gates_out[3 * hidden + j]
        if cont == 0:
            gates_out[hidden + j] = 0
        else:
            gates_out[hidden + j] *= cont
            c += gates_out[hidden + j] * c_before[j]
        c_out[j] = c
        squashed_out[j] = c
    tanh_in_place(squashed_out)
    for j in range(hidden):
        h_out[j] = gates_out[2 * hidden + j] * squashed_out[j]


@kernel
def cell_backward(cont, c_before, gates, squashed, dh, dc_out, dgates_out):
    """One row; dc_out holds the gradient of c, afterwards that of c_before."""
    hidden = dh.size
    one = gates.dtype.type(1)
    fresh = cont == 0
    share = one if fresh else one / cont
    for j in range(hidden):
        i = gates[j]
        f = gates[hidden + j]
        o = gates[2 * hidden + j]
        g = gates[3 * hidden + j]
        s = squashed[j]
        dc = dc_out[j] + dh[j] * o * (one - s * s)
        before = gates.dtype.type(0) if fresh else c_before[j]
        dgates_out[j] = dc * g * i * (one - i)
        dgates_out[hidden + j] = dc * before * f * (one - f * share)
        dgates_out[2 * hidden + j] = dh[j] * s * o * (one - o)
        dgates_out[3 * hidden + j] = dc * i * (one - g * g)
        dc_out[j] = dc * f


@kernel
def unit_forward(cont, c_before, gates_out, squashed_out, c_out, h_out):
    """`cell_forward` for each row: cont (N,), gates_out (N, 4H), the others (N, H)."""
    for n in range(cont.size):
        cell_forward(cont[n], c_before[n], gates_out[n], squashed_out[n], c_out[n], h_out[n])


@kernel
def unit_backward(cont, c_before, gates, squashed, dh, dc_out, dgates_out):
    """`cell_backward` for each row."""
    for n in range(cont.size):
        cell_backward(cont[n], c_before[n], gates[n], squashed[n], dh[n], dc_out[n], dgates_out[n])


@kernel
def _rows_forward(cont, w_packed, first, last, h_start, gates, before, squashed, cells, h_out):
    """All steps of the rows first to last - 1."""
    hidden = h_out.shape[2]
    for t in range(h_out.shape[0]):
        for n in range(first, last):
            h = h_out[t - 1, n] if t > 0 else h_start[n]
            carry(cont[t, n], h, before[t, n])
        add_product(
            before[t].reshape(-1),
            hidden,
            w_packed,
            first,
            last,
            4 * hidden,
            gates[t].reshape(-1),
        )
        for n in range(first, last):
            cell_forward(
                cont[t, n], cells[t, n], gates[t, n], squashed[t, n], cells[t + 1, n], h_out[t, n]
            )


@parallel_kernel
def lstm_forward(cont, w_packed, block, h_start, gates, before_out, squashed_out, cells_out, h_out):
    """All steps: h_out (T, N, H); gates hold W_x x + b on entry, i, cont f, o, g on return.

    w_packed is W_h (4H, H) transposed; a thread takes `block` rows. h_start (N, H) and
    cells_out[0] are the state at the start, cells_out (T + 1, N, H); before_out (T, N, H) are
    cont h_t-1.
    """
    rows = h_out.shape[1]
    for part in prange((rows + block - 1) // block):
        first = part * block
        last = min(rows, first + block)
        _rows_forward(
            cont, w_packed, first, last, h_start, gates, before_out, squashed_out, cells_out, h_out
        )


@kernel
def _rows_backward(cont, w_packed, first, last, gates, squashed, cells, dy, dgates, dh, dc):
    """All steps of the rows first to last - 1, last step first."""
    steps, _, hidden = dy.shape
    for step in range(steps):
        t = steps - 1 - step
        for n in range(first, last):
            for j in range(hidden):
                dh[n, j] += dy[t, n, j]
            cell_backward(
                cont[t, n], cells[t, n], gates[t, n], squashed[t, n], dh[n], dc[n], dgates[t, n]
            )
            dh[n] = 0
        add_product(
            dgates[t].reshape(-1), 4 * hidden, w_packed, first, last, hidden, dh.reshape(-1)
        )
        for n in range(first, last):
            carry(cont[t, n], dh[n], dh[n])


@parallel_kernel
def lstm_backward(cont, w_packed, block, gates, squashed, cells, dy, dgates_out, dh_out, dc_out):
    """Gradients of the sums in front of the gates, dgates_out (T, N, 4H), from dy (T, N, H).

    w_packed is W_h (4H, H) as it is. dh_out and dc_out (N, H) hold the gradients of the state
    after the last step beyond dy, and afterwards those of the state at the start.
    """
    rows = dy.shape[1]
    for part in prange((rows + block - 1) // block):
        first = part * block
        last = min(rows, first + block)
        _rows_backward(
            cont, w_packed, first, last, gates, squashed, cells, dy, dgates_out, dh_out, dc_out
        )
