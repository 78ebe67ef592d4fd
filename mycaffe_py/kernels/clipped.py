"""Floor 0. Gradient of ReLU behind fused pooling: nothing where it let nothing through."""

from __future__ import annotations

from .jit import kernel
from .window import CLIPPED


@kernel
def mask_clipped(codes, dy, dy_out):
    """dy_out (N, K, P, Q) = dy, 0 where codes (B, K, P, Q, L) say CLIPPED."""
    images, channels, rows, columns = dy.shape
    size = codes.shape[4]
    for image in range(images):
        block, lane = image // size, image % size
        for k in range(channels):
            for p in range(rows):
                for q in range(columns):
                    clipped = codes[block, k, p, q, lane] == CLIPPED
                    dy_out[image, k, p, q] = 0 if clipped else dy[image, k, p, q]
