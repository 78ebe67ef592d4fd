"""Element by element: rectifiers, and the gradients of sigmoid, tanh and dropout.

Every array is 1-D, of one length; the written one may be the one that was read.
"""

from .jit import kernel


@kernel
def relu_forward(x, slope, y_out):
    """y = x where x >= 0, else slope * x. NaN stays NaN, so that it is seen."""
    s = x.dtype.type(slope)
    for i in range(x.size):
        value = x[i]
        y_out[i] = s * value if value < 0 else value


@kernel
def relu_backward(x, dy, slope, dx_out):
    """dx = dy where x > 0, else slope * dy."""
    s = x.dtype.type(slope)
    for i in range(x.size):
        dx_out[i] = dy[i] if x[i] > 0 else s * dy[i]


@kernel
def relu6_forward(x, slope, y_out):
    """y = x where x >= 0, else slope * x, and 6 at most. NaN stays NaN."""
    s = x.dtype.type(slope)
    most = x.dtype.type(6)
    for i in range(x.size):
        value = x[i]
        value = s * value if value < 0 else value
        y_out[i] = most if value > most else value


@kernel
def relu6_backward(y, dy, slope, dx_out):
    """dx = dy where 0 < y < 6, slope * dy where y <= 0, 0 from 6 on."""
    s = y.dtype.type(slope)
    zero = y.dtype.type(0)
    for i in range(y.size):
        inside = dy[i] if y[i] > 0 else s * dy[i]
        dx_out[i] = zero if y[i] >= 6 else inside


@kernel
def sigmoid_backward(y, dy, dx_out):
    """dx = dy * y * (1 - y)."""
    one = y.dtype.type(1)
    for i in range(y.size):
        dx_out[i] = dy[i] * y[i] * (one - y[i])


@kernel
def tanh_backward(y, dy, dx_out):
    """dx = dy * (1 - y^2)."""
    one = y.dtype.type(1)
    for i in range(y.size):
        dx_out[i] = dy[i] * (one - y[i] * y[i])


@kernel
def keep_and_scale(x, kept, scale, y_out):
    """y = scale * x where `kept`, else 0; the gradient of this is the same kernel."""
    s = x.dtype.type(scale)
    zero = x.dtype.type(0)
    for i in range(x.size):
        y_out[i] = s * x[i] if kept[i] else zero
