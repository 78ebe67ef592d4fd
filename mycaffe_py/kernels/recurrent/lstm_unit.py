"""One step of a long short-term memory.

N rows, H hidden numbers; gates (N, 4H) in the order input i, forget f, output o, candidate g.
`cont` (N,) is 0 where a sequence starts: what was before is forgotten there, even a NaN. `squashed`
is tanh c.
"""

from ..jit import kernel
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
