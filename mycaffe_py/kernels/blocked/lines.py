"""Where the pixels of some lines are read and written, and laying out what they are made of.

A line is a row of outputs, or RUN pixels where a filter of one pixel reads x as it lies.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..inlined import inlined
from ..vectors.vector import width
from .laying import lay_blocks, lay_plane
from .pixel_tile import RUN


class Runs(NamedTuple):
    """Where the runs of pixels of some lines are read and written, and how many pixels count."""

    ins: Any
    outs: Any
    counts: Any


@inlined
def find_runs(first, last, shape, there, runs):
    """Runs of lines first ... last - 1, filled up to a multiple of 4; returns how many."""
    size = there[2]
    found = 0
    parts = 0
    for line in range(first, last):
        image = line // shape.lines
        row = line - image * shape.lines
        parts += 1 if row == 0 and line > first else 0
        if shape.in_place:
            source = image * shape.x_image + row * RUN * size
            target = image * shape.y_image + row * RUN * size
            length = min(RUN, shape.out_rows * shape.out_columns - row * RUN)
        else:
            source = there[0] + (line - first + parts * shape.row_reach) * there[1]
            target = image * shape.y_image + row * shape.out_columns * size
            length = shape.out_columns
        for j in range(0, length, RUN):
            runs.ins[found] = source + j * there[3]
            runs.outs[found] = target + j * size
            runs.counts[found] = min(RUN, length - j)
            found += 1
    for empty in range(found, found + 3):
        runs.ins[empty] = runs.ins[found - 1]
        runs.outs[empty] = runs.outs[found - 1]
        runs.counts[empty] = 0
    return found


@inlined
def lay_lines(x, first, last, shape, group, phases, plane, columns, out, lead):
    """Lay out the inputs of lines first ... last - 1 of one group."""
    size = width(x)
    pixel = 1 if shape.planar else size
    area = shape.rows * shape.columns * pixel
    sizes, pads = (shape.rows, shape.columns), (shape.top, shape.left)
    line = first
    done = 0
    while line < last:
        image = line // shape.lines
        row = line - image * shape.lines
        rows = min(shape.lines - row, last - line)
        deep = rows + shape.row_reach
        for block in range(shape.blocks):
            start = image * shape.x_image + (group * shape.blocks + block) * area
            for number in range(phases.shape[0]):
                phase = (phases[number, 0], phases[number, 1], shape.row_step, shape.column_step)
                there = lead + (block * phases.shape[0] + number) * plane + done * columns * pixel
                if shape.planar:
                    lay_plane(x, start, sizes, phase, pads, row, deep, columns, out, there)
                else:
                    lay_blocks(x, start, sizes, phase, pads, row, deep, columns, out, there)
        line += rows
        done += deep
