"""Blocked storage: as many images side by side as a vector has lanes.

Plain (N, C, H, W) becomes (B, C, H, W, L): L lanes, image n in block n // L, lane n % L; the lanes
behind the last image hold zeros. Each block is a plain (L, C H W) matrix transposed, and it is a
panel of kernels/products/gemm.py as it stands.
"""

from __future__ import annotations

from ..apart import apart
from ..inlined import inlined
from ..jit import kernel
from ..products.gemm import pack_columns
from ..vectors.grid import transpose_bytes
from ..vectors.register_tile import load_tile, square, store_tile, transpose_tile
from ..vectors.vector import lanes, width


def block_count(images, dtype):
    """Blocks that hold so many images."""
    return -(-images // lanes(dtype))


@inlined
def pack_block(x, images, block, x_out):
    """Block number `block` of plain x, flat (N, ...), to x_out, flat (..., L)."""
    pack_columns(x, images, block, 0, x_out)


@kernel
def _pack(x, images, blocks, x_out):
    for block in range(blocks):
        pack_columns(x, images, block, x_out.size // blocks, x_out)


def pack(x, x_out):
    """x (N, ...) to x_out (B, ..., L), of one dtype."""
    _pack(x.reshape(-1), x.shape[0], x_out.shape[0], x_out.reshape(-1))


@apart
def unpack_block(x, images, block, x_out):
    """x, flat (..., L), to the images of block number `block` of plain x_out, flat (N, ...)."""
    size = width(x_out)
    depth = x_out.size // images
    first = block * size
    whole = depth - depth % size if first + size <= images else 0
    for k in range(0, whole, size):
        tile = load_tile(x, k * size, size, square(x_out))
        store_tile(x_out, first * depth + k, depth, transpose_tile(tile))
    for lane in range(min(size, images - first)):
        for k in range(whole, depth):
            x_out[(first + lane) * depth + k] = x[k * size + lane]


@kernel
def _unpack(x, images, blocks, x_out):
    per_block = x.size // blocks
    for block in range(blocks):
        unpack_block(x[block * per_block : (block + 1) * per_block], images, block, x_out)


def unpack(x, x_out):
    """x (B, ..., L) to x_out (N, ...), of one dtype."""
    _unpack(x.reshape(-1), x_out.shape[0], x.shape[0], x_out.reshape(-1))


@apart
def unpack_codes(codes, like, block, codes_out):
    """Bytes of block number `block`, flat (B, ..., L), to its L rows, flat (L, ...).

    `like` is any array of the dtype whose lanes L counts.
    """
    size = width(like)
    depth = codes_out.size // size
    start = block * codes_out.size
    whole = depth - depth % size
    for k in range(0, whole, size):
        transpose_bytes(codes, start + k * size, size, k, depth, like, codes_out)
    for lane in range(size):
        for k in range(whole, depth):
            codes_out[lane * depth + k] = codes[start + k * size + lane]
