"""Max pooling of a 2 x 2 window that is still in registers."""

from __future__ import annotations

from typing import Any

from numba.core.cgutils import ir, unpack_tuple
from numba.extending import intrinsic

from ..vectors.vector import element_pointer, position_value

CLIPPED = 4
"""Written instead of a place in the window (0 to 3) where ReLU let nothing through."""


def _largest(builder: Any, vectors: list[Any]) -> tuple[Any, Any]:
    """Lane by lane: the largest of the vectors and its number as bytes; the first of equals."""
    bytes_kind = ir.VectorType(ir.IntType(8), vectors[0].type.count)
    largest, number = vectors[0], ir.Constant(bytes_kind, None)
    for i, vector in enumerate(vectors[1:], start=1):
        larger = builder.fcmp_ordered(">", vector, largest)
        taken = builder.or_(larger, builder.fcmp_unordered("uno", vector, vector))
        largest = builder.select(taken, vector, largest)
        here = ir.Constant(bytes_kind, [i] * bytes_kind.count)
        number = builder.select(taken, here, number)
    return largest, number


@intrinsic
def pool_windows(typingctx, top, bottom, bias, floor, start, step, arg_out):  # type: ignore[no-untyped-def]
    """max(floor, max of window + bias) for each channel of a tile; the place goes to arg_out.

    Channel i owns vectors 2i and 2i + 1 of `top` and of `bottom`: its window in reading order. The
    place (0 to 3, the first of equals; CLIPPED where the floor won) is written as one byte a lane
    at start + i * step. A NaN beats every number, so that it is seen downstream.
    """

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        upper, lower, biases = (unpack_tuple(builder, value) for value in args[:3])
        place = position_value(context, builder, args[4], signature.args[4])
        stride = position_value(context, builder, args[5], signature.args[5])
        results = []
        for i, offset in enumerate(biases):
            pair = slice(2 * i, 2 * i + 2)
            value, number = _largest(builder, [*upper[pair], *lower[pair]])
            value = builder.fadd(value, offset)
            clipped = builder.fcmp_ordered("<=", value, args[3])
            value = builder.select(clipped, args[3], value)
            code = ir.Constant(number.type, [CLIPPED] * number.type.count)
            number = builder.select(clipped, code, number)
            pointer = element_pointer(context, builder, signature.args[6], args[6], place)
            written = builder.store(number, builder.bitcast(pointer, number.type.as_pointer()))
            written.align = 1
            place = builder.add(place, stride)
            results.append(value)
        return context.make_tuple(builder, signature.return_type, results)

    return bias(top, bottom, bias, floor, start, step, arg_out), codegen
