"""Rectangles of vectors in registers, and squares turned on the way: for sparse visits.

A grid is a tile read from several rows of an image: `rows` rows that stand `row_step` elements
apart, `columns` vectors in each, every `spacing`-th. The three counts are tuples whose length is
meant, so that distances within a row are constants in the machine code.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core.cgutils import ir, unpack_tuple
from numba.extending import intrinsic

from .vector import VectorType, element_pointer, load_value, position_value, store_value, transposed


def grid_places(builder: Any, start: Any, row_step: Any, shape: Any) -> list[Any]:
    """Element numbers of the grid's vectors, row by row; `shape` is rows, columns, their step."""
    rows, columns, step = shape
    places = []
    for _ in range(rows):
        for column in range(columns):
            places.append(builder.add(start, ir.Constant(start.type, column * step)))
        start = builder.add(start, row_step)
    return places


@intrinsic
def load_grid(typingctx, array, start, row_step, rows, columns, spacing):  # type: ignore[no-untyped-def]
    """len(rows) x len(columns) vectors as one tile."""
    vector = VectorType(array.dtype)
    shape = (len(rows), len(columns), len(spacing) * vector.count)

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        first = position_value(context, builder, args[1], signature.args[1])
        step = position_value(context, builder, args[2], signature.args[2])
        places = grid_places(builder, first, step, shape)
        loaded = [load_value(context, builder, kind, args[0], place) for place in places]
        return context.make_tuple(builder, signature.return_type, loaded)

    tile = types.UniTuple(vector, shape[0] * shape[1])
    return tile(array, start, row_step, rows, columns, spacing), codegen


@intrinsic
def store_grid(typingctx, array, start, row_step, rows, columns, spacing, tile):  # type: ignore[no-untyped-def]
    """Write a tile where `load_grid` would read it."""
    shape = (len(rows), len(columns), len(spacing) * tile.dtype.count)

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        first = position_value(context, builder, args[1], signature.args[1])
        step = position_value(context, builder, args[2], signature.args[2])
        places = grid_places(builder, first, step, shape)
        for place, vector in zip(places, unpack_tuple(builder, args[6]), strict=True):
            store_value(context, builder, kind, args[0], place, vector)
        return context.get_dummy_value()

    return types.void(array, start, row_step, rows, columns, spacing, tile), codegen


@intrinsic
def add_tiles(typingctx, a, b):  # type: ignore[no-untyped-def]
    """a[i] + b[i]."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        pairs = zip(*(unpack_tuple(builder, value) for value in args), strict=True)
        sums = [builder.fadd(first, second) for first, second in pairs]
        return context.make_tuple(builder, signature.return_type, sums)

    return a(a, b), codegen


@intrinsic
def transpose_gathered(typingctx, x, start, places, first, out_start, out_step, x_out):  # type: ignore[no-untyped-def]
    """A square of vectors of x from start + places[first], start + places[first + 1], ... turned.

    Vector i of the transpose, lane i of each, goes to x_out at out_start + i * out_step.
    """
    vector = VectorType(x.dtype)

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kinds = signature.args
        begin, entry, out_place, stride = (
            position_value(context, builder, args[i], kinds[i]) for i in (1, 3, 4, 5)
        )
        rows = []
        for _ in range(vector.count):
            offset = builder.load(element_pointer(context, builder, kinds[2], args[2], entry))
            place = builder.add(begin, offset)
            rows.append(load_value(context, builder, kinds[0], args[0], place))
            entry = builder.add(entry, ir.Constant(entry.type, 1))
        for row in transposed(builder, rows):
            store_value(context, builder, kinds[6], args[6], out_place, row)
            out_place = builder.add(out_place, stride)
        return context.get_dummy_value()

    return types.void(x, start, places, first, out_start, out_step, x_out), codegen


@intrinsic
def transpose_bytes(typingctx, codes, start, step, out_start, out_step, like, codes_out):  # type: ignore[no-untyped-def]
    """A square of bytes, as many as a vector of `like` has lanes, transposed: rows step apart."""
    size = VectorType(like.dtype).count

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        wide = ir.VectorType(ir.IntType(8), size)
        place, stride, out_place, out_stride = (
            position_value(context, builder, args[i], signature.args[i]) for i in range(1, 5)
        )
        rows = []
        for _ in range(size):
            pointer = element_pointer(context, builder, signature.args[0], args[0], place)
            rows.append(builder.load(builder.bitcast(pointer, wide.as_pointer())))
            rows[-1].align = 1
            place = builder.add(place, stride)
        for row in transposed(builder, rows):
            pointer = element_pointer(context, builder, signature.args[6], args[6], out_place)
            builder.store(row, builder.bitcast(pointer, wide.as_pointer())).align = 1
            out_place = builder.add(out_place, out_stride)
        return context.get_dummy_value()

    return types.void(codes, start, step, out_start, out_step, like, codes_out), codegen
