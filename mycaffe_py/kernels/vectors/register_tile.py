"""Register tiles: tuples of vectors, and the few operations the kernels do with them.

A tile is a numba UniTuple of vectors. LLVM takes the tuple apart, so a tile of 24 accumulators that
a loop carries is 24 registers. A `count` is a constant, or a tuple whose length is meant: a kernel
that takes such a tuple as argument is compiled once per length, which is how a caller picks a tile.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core.cgutils import ir, unpack_tuple
from numba.extending import intrinsic

from .vector import (
    VectorType,
    element_pointer,
    fma_value,
    load_value,
    position_value,
    splat_value,
    store_value,
    transposed,
)


def _count(kind: Any) -> int | None:
    """The number a constant or a tuple stands for; None while numba has not told the constant."""
    if isinstance(kind, types.IntegerLiteral):
        return int(kind.literal_value)
    if isinstance(kind, types.BaseTuple):
        return len(kind)
    return None


def _positions(context: Any, builder: Any, values: Any, kinds: Any, count: int) -> list[Any]:
    """start, start + step, start + 2 step, ..."""
    start = position_value(context, builder, values[0], kinds[0])
    step = position_value(context, builder, values[1], kinds[1])
    return [
        builder.add(start, builder.mul(step, ir.Constant(start.type, number)))
        for number in range(count)
    ]


def _tile(context: Any, builder: Any, signature: Any, values: list[Any]) -> Any:
    return context.make_tuple(builder, signature.return_type, values)


@intrinsic(prefer_literal=True)
def zeros(typingctx, array, count):  # type: ignore[no-untyped-def]
    """A tile of `count` zero vectors of the array's dtype."""
    number = _count(count)
    if number is None:
        return None

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        zero = context.get_constant_null(signature.return_type.dtype)
        return _tile(context, builder, signature, [zero] * number)

    return types.UniTuple(VectorType(array.dtype), number)(array, count), codegen


@intrinsic(prefer_literal=True)
def load_tile(typingctx, array, start, step, count):  # type: ignore[no-untyped-def]
    """Vectors at start, start + step, ...: `count` of them."""
    number = _count(count)
    if number is None:
        return None

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        places = _positions(context, builder, args[1:3], signature.args[1:3], number)
        loaded = [load_value(context, builder, kind, args[0], place) for place in places]
        return _tile(context, builder, signature, loaded)

    return types.UniTuple(VectorType(array.dtype), number)(array, start, step, count), codegen


@intrinsic(prefer_literal=True)
def broadcast_tile(typingctx, array, start, step, count):  # type: ignore[no-untyped-def]
    """Elements at start, start + step, ..., each spread over one vector."""
    number = _count(count)
    if number is None:
        return None
    vector = VectorType(array.dtype)

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        places = _positions(context, builder, args[1:3], signature.args[1:3], number)
        spread = []
        for place in places:
            scalar = builder.load(element_pointer(context, builder, kind, args[0], place))
            spread.append(splat_value(builder, scalar, vector.count))
        return _tile(context, builder, signature, spread)

    return types.UniTuple(vector, number)(array, start, step, count), codegen


@intrinsic
def broadcast_places(typingctx, array, places, shift):  # type: ignore[no-untyped-def]
    """The elements at places[i] + shift, each spread over one vector; places: a tuple."""
    vector = VectorType(array.dtype)

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        moved = position_value(context, builder, args[2], signature.args[2])
        spread = []
        for place in unpack_tuple(builder, args[1]):
            pointer = builder.gep(element_pointer(context, builder, kind, args[0], place), [moved])
            spread.append(splat_value(builder, builder.load(pointer), vector.count))
        return _tile(context, builder, signature, spread)

    return types.UniTuple(vector, len(places))(array, places, shift), codegen


@intrinsic
def load_places(typingctx, array, places, shift):  # type: ignore[no-untyped-def]
    """The vectors at places[i] + shift; places: a tuple."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        moved = position_value(context, builder, args[2], signature.args[2])
        loaded = [
            load_value(context, builder, kind, args[0], builder.add(place, moved))
            for place in unpack_tuple(builder, args[1])
        ]
        return _tile(context, builder, signature, loaded)

    return types.UniTuple(VectorType(array.dtype), len(places))(array, places, shift), codegen


@intrinsic
def store_tile(typingctx, array, start, step, tile):  # type: ignore[no-untyped-def]
    """Write the vectors of a tile at start, start + step, ..."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        vectors = unpack_tuple(builder, args[3])
        places = _positions(context, builder, args[1:3], signature.args[1:3], len(vectors))
        for place, vector in zip(places, vectors, strict=True):
            store_value(context, builder, kind, args[0], place, vector)
        return context.get_dummy_value()

    return types.void(array, start, step, tile), codegen


@intrinsic
def outer_fma(typingctx, left, right, tile):  # type: ignore[no-untyped-def]
    """tile[i * len(right) + j] + left[i] * right[j], for all i and j."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        rows, columns, sums = (unpack_tuple(builder, value) for value in args)
        results = []
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                results.append(fma_value(builder, row, column, sums[i * len(columns) + j]))
        return _tile(context, builder, signature, results)

    return tile(left, right, tile), codegen


@intrinsic
def chain_fma(typingctx, left, right, total):  # type: ignore[no-untyped-def]
    """total + left[0] * right[0] + left[1] * right[1] + ..., one after the other."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        value = args[2]
        pairs = zip(unpack_tuple(builder, args[0]), unpack_tuple(builder, args[1]), strict=True)
        for one, other in pairs:
            value = fma_value(builder, one, other, value)
        return value

    return total(left, right, total), codegen


@intrinsic
def scale_fma(typingctx, factor, tile, addend):  # type: ignore[no-untyped-def]
    """addend[i] + factor * tile[i], with one vector `factor`."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vectors, sums = unpack_tuple(builder, args[1]), unpack_tuple(builder, args[2])
        results = [
            fma_value(builder, args[0], vector, total)
            for vector, total in zip(vectors, sums, strict=True)
        ]
        return _tile(context, builder, signature, results)

    return addend(factor, tile, addend), codegen


@intrinsic(prefer_literal=True)
def part(typingctx, tile, number, count):  # type: ignore[no-untyped-def]
    """Vectors number * count ... number * count + count - 1 of a tile; both are constants."""
    which, size = _count(number), _count(count)
    if which is None or size is None:
        return None

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vectors = unpack_tuple(builder, args[0])[which * size : (which + 1) * size]
        return _tile(context, builder, signature, vectors)

    return types.UniTuple(tile.dtype, size)(tile, number, count), codegen


@intrinsic
def transpose_tile(typingctx, tile):  # type: ignore[no-untyped-def]
    """The transpose of a square tile: as many vectors as a vector has lanes."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vectors = unpack_tuple(builder, args[0])
        return _tile(context, builder, signature, transposed(builder, vectors))

    return tile(tile), codegen


@intrinsic
def square(typingctx, array):  # type: ignore[no-untyped-def]
    """Zeros as a tuple of as many integers as a vector of the array's dtype has lanes: a count."""
    number = VectorType(array.dtype).count

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return context.get_constant_null(signature.return_type)

    return types.UniTuple(types.intp, number)(array), codegen
