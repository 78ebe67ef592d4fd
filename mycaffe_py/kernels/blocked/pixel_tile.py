"""The register tile of a convolution: runs of pixels times vectors of output channels.

Sum (r * RUN + i) * outputs + o of a tile belongs to pixel i of run r and vector o of the outputs.
Tuples whose values do not matter stand for their length.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numba import types
from numba.core.cgutils import ir, unpack_tuple
from numba.extending import intrinsic

from ..vectors.vector import (
    REGISTERS,
    VectorType,
    element_pointer,
    fma_value,
    load_value,
    position_value,
    splat_value,
    store_value,
)

# Pixels side by side. 2 runs x 7 pixels x 2 vectors of outputs are 28 sums of 32 registers, 2 x 3 x
# 2 are 12 of 16; and 7 divides the widths of most image nets.
RUN = 7 if REGISTERS == 32 else 3


@intrinsic
def first_sums(typingctx, shift, place, runs, outputs):  # type: ignore[no-untyped-def]
    """A tile in which all pixels have the values of `shift` from `place` on."""
    pixels, width = len(runs) * RUN, len(outputs)
    vector = VectorType(shift.dtype)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        first = position_value(context, builder, args[1], signature.args[1])
        loaded = []
        for o in range(width):
            there = builder.add(first, ir.Constant(first.type, o * vector.count))
            loaded.append(load_value(context, builder, signature.args[0], args[0], there))
        return context.make_tuple(builder, signature.return_type, loaded * pixels)

    return types.UniTuple(vector, pixels * width)(shift, place, runs, outputs), codegen


@intrinsic
def add_products(typingctx, x, places, tap, step, w, starts, tile):  # type: ignore[no-untyped-def]
    """tile + pixels times weights of one input channel.

    Pixel i of run r is x[places[r] + tap + i * step], `step` as a length; vector o of the weights
    begins at w[starts[o]].
    """
    stride = len(step)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = signature.args
        tap_place = position_value(context, builder, args[2], kinds[2])
        sums = unpack_tuple(builder, args[6])
        weights = [
            load_value(context, builder, kinds[4], args[4], place)
            for place in unpack_tuple(builder, args[5])
        ]
        results: list[Any] = []
        for place in unpack_tuple(builder, args[1]):
            there = builder.add(place, tap_place)
            first = element_pointer(context, builder, kinds[0], args[0], there)
            for i in range(RUN):
                pointer = builder.gep(first, [ir.Constant(place.type, i * stride)])
                pixel = splat_value(builder, builder.load(pointer), weights[0].type.count)
                for weight in weights:
                    results.append(fma_value(builder, pixel, weight, sums[len(results)]))
        return context.make_tuple(builder, signature.return_type, results)

    return tile(x, places, tap, step, w, starts, tile), codegen


def _positions(builder: Any, places: Any, plane: Any, outputs: int, lanes: int) -> Iterator[Any]:
    """Where the values of a tile lie in a blocked array: place + o * plane + i * lanes."""
    for place in places:
        for i in range(RUN):
            here = builder.add(place, ir.Constant(place.type, i * lanes))
            for _ in range(outputs):
                yield here
                here = builder.add(here, plane)


@intrinsic
def add_pixels(typingctx, added, places, plane, outputs, tile):  # type: ignore[no-untyped-def]
    """tile + the values of a blocked array: run r at places[r], outputs a plane apart."""
    lanes, width = tile.dtype.count, len(outputs)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        step = position_value(context, builder, args[2], signature.args[2])
        there = _positions(builder, unpack_tuple(builder, args[1]), step, width, lanes)
        sums = [
            builder.fadd(load_value(context, builder, signature.args[0], args[0], place), total)
            for place, total in zip(there, unpack_tuple(builder, args[4]), strict=True)
        ]
        return context.make_tuple(builder, signature.return_type, sums)

    return tile(added, places, plane, outputs, tile), codegen


@intrinsic
def store_pixels(typingctx, y, places, plane, outputs, floor, tile):  # type: ignore[no-untyped-def]
    """Write a tile where `add_pixels` would read it, nothing less than `floor`; NaN stays."""
    lanes, width = tile.dtype.count, len(outputs)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        step = position_value(context, builder, args[2], signature.args[2])
        there = _positions(builder, unpack_tuple(builder, args[1]), step, width, lanes)
        for place, total in zip(there, unpack_tuple(builder, args[5]), strict=True):
            less = builder.fcmp_ordered("<", total, args[4])
            value = builder.select(less, args[4], total)
            store_value(context, builder, signature.args[0], args[0], place, value)
        return context.get_dummy_value()

    return types.void(y, places, plane, outputs, floor, tile), codegen
