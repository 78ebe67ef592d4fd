"""Floor 0. Blocked storage: as many images side by side as a vector has lanes.

Plain (N, C, H, W) becomes (B, C, H, W, L): L lanes, image n in block n // L, lane n % L; the lanes
behind the last image hold zeros. Each block is a plain (L, C H W) matrix transposed, and it is a
panel of gemm.py as it stands.
"""

from __future__ import annotations

from .gemm import pack_columns
from .grid import transpose_bytes
from .jit import kernel
from .tile import load_tile, square, store_tile, transpose_tile
from .vector import lanes, width


def block_count(images, dtype):
    """Blocks that hold so many images."""
    return -(-images // lanes(dtype))


@kernel
def _pack(x, images, blocks, x_out):
    for block in range(blocks):
        pack_columns(x, images, block, x_out.size // blocks, x_out)


def pack(x, x_out):
    """x (N, ...) to x_out (B, ..., L), of one dtype."""
    _pack(x.reshape(-1), x.shape[0], x_out.shape[0], x_out.reshape(-1))


@kernel
def _unpack(x, images, x_out):
    size = width(x_out)
    depth = x_out.size // images
    for block in range((images + size - 1) // size):
        first = block * size
        start = block * depth * size
        whole = depth - depth % size if first + size <= images else 0
        for k in range(0, whole, size):
            tile = load_tile(x, start + k * size, size, square(x_out))
            store_tile(x_out, first * depth + k, depth, transpose_tile(tile))
        for lane in range(min(size, images - first)):
            for k in range(whole, depth):
                x_out[(first + lane) * depth + k] = x[start + k * size + lane]


def unpack(x, x_out):
    """x (B, ..., L) to x_out (N, ...), of one dtype."""
    _unpack(x.reshape(-1), x_out.shape[0], x_out.reshape(-1))


@kernel
def _unpack_codes(codes, like, images, codes_out):
    size = width(like)
    depth = codes_out.size // images
    for block in range((images + size - 1) // size):
        first = block * size
        start = block * depth * size
        whole = depth - depth % size if first + size <= images else 0
        for k in range(0, whole, size):
            out = first * depth + k
            transpose_bytes(codes, start + k * size, size, out, depth, like, codes_out)
        for lane in range(min(size, images - first)):
            for k in range(whole, depth):
                codes_out[(first + lane) * depth + k] = codes[start + k * size + lane]


def unpack_codes(codes, like, codes_out):
    """Bytes (B, ..., L) to (N, ...); `like` is any array of the dtype whose lanes L counts."""
    _unpack_codes(codes.reshape(-1), like.reshape(-1), codes_out.shape[0], codes_out.reshape(-1))
