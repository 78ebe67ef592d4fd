"""Inputs of some lines of outputs, laid out so that every tap reads runs of neighbours.

What stands for one block of channels is a set of planes, one for each remainder (row, column) that
the places of taps leave when divided by the strides; in it the pixels of one remainder lie side by
side, with the padding as zeros.
"""

from __future__ import annotations

from ..inlined import inlined
from ..vectors.vector import load, splat, store, width


@inlined
def lay_blocks(x, start, sizes, phase, pads, first_row, rows, columns, out, there):
    """Rows first_row ... of one phase of one block of channels, `columns` pixels each.

    x: flat, the block's pixels begin at `start`; sizes: H, W; phase: row, column, and strides.
    """
    size = width(x)
    zero = splat(x, 0)
    height, across = sizes
    for i in range(rows):
        row = (first_row + i) * phase[2] + phase[0] - pads[0]
        inside = 0 <= row < height
        for j in range(columns):
            column = j * phase[3] + phase[1] - pads[1]
            if inside and 0 <= column < across:
                value = load(x, start + (row * across + column) * size)
            else:
                value = zero
            store(out, there + (i * columns + j) * size, value)


@inlined
def lay_plane(x, start, sizes, phase, pads, first_row, rows, columns, out, there):
    """The same of one channel of pictures as Caffe has them (a value a pixel)."""
    height, across = sizes
    # The first column inside the picture, and the first behind it.
    left = min(columns, max(0, (pads[1] - phase[1] + phase[3] - 1) // phase[3]))
    right = max(left, min(columns, (across + pads[1] - phase[1] + phase[3] - 1) // phase[3]))
    for i in range(rows):
        row = (first_row + i) * phase[2] + phase[0] - pads[0]
        line = there + i * columns
        if row < 0 or row >= height:
            out[line : line + columns] = 0
            continue
        out[line : line + left] = 0
        out[line + right : line + columns] = 0
        source = start + row * across + phase[1] - pads[1]
        for j in range(left, right):
            out[line + j] = x[source + j * phase[3]]
