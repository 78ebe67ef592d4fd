"""Floor 0. Gradient of ReLU behind fused pooling: nothing where it let nothing through."""

from __future__ import annotations

from .jit import kernel
from .window import CLIPPED


@kernel
def mask_clipped(codes, dy, dy_out):
    """dy_out = dy, 0 where codes say CLIPPED; flat arrays of one size."""
    for i in range(dy.size):
        dy_out[i] = 0 if codes[i] == CLIPPED else dy[i]
