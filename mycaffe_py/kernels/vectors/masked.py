"""Vectors at the edge of an array: load and store only the first lanes.

The other lanes touch no memory, so the last columns of a matrix need no padding.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic

from .vector import VectorType, element_pointer, position_value, splat_value


def _first_lanes(builder: Any, count: int, wanted: Any) -> Any:
    """Mask of the first `wanted` lanes."""
    numbers = ir.Constant(ir.VectorType(wanted.type, count), list(range(count)))
    return builder.icmp_signed("<", numbers, splat_value(builder, wanted, count))


@intrinsic
def store_first(typingctx, array, position, vector, wanted):  # type: ignore[no-untyped-def]
    """Write only the first `wanted` lanes."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        place = position_value(context, builder, args[1], signature.args[1])
        mask = _first_lanes(
            builder,
            args[2].type.count,
            position_value(context, builder, args[3], signature.args[3]),
        )
        pointer = element_pointer(context, builder, kind, args[0], place)
        pointer = builder.bitcast(pointer, args[2].type.as_pointer())
        align = ir.Constant(ir.IntType(32), kind.dtype.bitwidth // 8)
        suffix = f"v{args[2].type.count}f{kind.dtype.bitwidth}"
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [args[2].type, pointer.type, align.type, mask.type]),
            f"llvm.masked.store.{suffix}.p0",
        )
        builder.call(function, [args[2], pointer, align, mask])
        return context.get_dummy_value()

    return types.void(array, position, vector, wanted), codegen


@intrinsic
def load_first(typingctx, array, position, wanted):  # type: ignore[no-untyped-def]
    """The first `wanted` lanes from `position` on, zeros in the others; reads no more than that."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        wide = context.get_value_type(signature.return_type)
        place = position_value(context, builder, args[1], signature.args[1])
        mask = _first_lanes(
            builder, wide.count, position_value(context, builder, args[2], signature.args[2])
        )
        pointer = element_pointer(context, builder, kind, args[0], place)
        pointer = builder.bitcast(pointer, wide.as_pointer())
        align = ir.Constant(ir.IntType(32), kind.dtype.bitwidth // 8)
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(wide, [pointer.type, align.type, mask.type, wide]),
            f"llvm.masked.load.v{wide.count}f{kind.dtype.bitwidth}.p0",
        )
        return builder.call(function, [pointer, align, mask, ir.Constant(wide, None)])

    return VectorType(array.dtype)(array, position, wanted), codegen
