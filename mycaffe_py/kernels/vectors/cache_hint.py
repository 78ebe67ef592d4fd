"""Asking for memory before it is needed.

A line that lies in no near cache takes some 200 cycles to come. Asked for in front of a loop of a
thousand, it is there when the loop is through.
"""

from __future__ import annotations

from numba import types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic

from .vector import element_pointer, position_value


@intrinsic
def prefetch(typingctx, array, position):  # type: ignore[no-untyped-def]
    """Let the line that holds an element come into the cache, to be read and then written."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        place = position_value(context, builder, args[1], signature.args[1])
        byte = ir.IntType(8).as_pointer()
        pointer = builder.bitcast(element_pointer(context, builder, kind, args[0], place), byte)
        number = ir.IntType(32)
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [byte, number, number, number]),
            "llvm.prefetch.p0",
        )
        # For a write, to the nearest cache, data rather than instructions.
        builder.call(function, [pointer, *(ir.Constant(number, value) for value in (1, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, position), codegen
