"""Gradient of ReLU behind fused pooling: nothing where it let nothing through."""

from __future__ import annotations

from ..inlined import inlined
from .pool_window import CLIPPED


@inlined
def mask_clipped(codes, dy, first, dy_out):
    """dy_out = dy from element `first` on, 0 where codes say CLIPPED; all flat."""
    for i in range(min(dy_out.size, dy.size - first)):
        dy_out[i] = 0 if codes[i] == CLIPPED else dy[first + i]
