"""Asking for memory before it is needed.

A line that lies in no near cache takes some 200 cycles to come. Asked for in front of a loop of a
thousand, it is there when the loop is through.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic

from .vector import element_pointer, position_value

# How near: to the first cache, or only to the second, which more lines can be on their way to.
_NEAREST, _SECOND = 3, 2


def _ask(
    context: Any, builder: Any, kind: Any, array: Any, place: Any, write: bool, near: int = _NEAREST
) -> None:
    """Have the line that holds an element brought near."""
    byte = ir.IntType(8).as_pointer()
    pointer = builder.bitcast(element_pointer(context, builder, kind, array, place), byte)
    number = ir.IntType(32)
    function = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(ir.VoidType(), [byte, number, number, number]),
        "llvm.prefetch.p0",
    )
    # Data rather than instructions.
    how = (int(write), near, 1)
    builder.call(function, [pointer, *(ir.Constant(number, value) for value in how)])


@intrinsic
def prefetch(typingctx, array, position):  # type: ignore[no-untyped-def]
    """Let the line that holds an element come into the cache, to be read and then written."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        place = position_value(context, builder, args[1], signature.args[1])
        _ask(context, builder, kind, args[0], place, write=True)
        return context.get_dummy_value()

    return types.void(array, position), codegen


@intrinsic
def ask_for_later(typingctx, array, position):  # type: ignore[no-untyped-def]
    """Let the line that holds an element come as near as the second cache, to be read.

    A place behind the array does no harm: nothing is read there.
    """

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        place = position_value(context, builder, args[1], signature.args[1])
        _ask(context, builder, kind, args[0], place, write=False, near=_SECOND)
        return context.get_dummy_value()

    return types.void(array, position), codegen


@intrinsic
def ask_for_tile(typingctx, array, start, step, count):  # type: ignore[no-untyped-def]
    """Let the lines at start, start + step, ..., as many as `count` is long, come to be read.

    A place behind the array does no harm: nothing is read there.
    """

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        place = position_value(context, builder, args[1], signature.args[1])
        move = position_value(context, builder, args[2], signature.args[2])
        for _ in range(len(count)):
            _ask(context, builder, kind, args[0], place, write=False)
            place = builder.add(place, move)
        return context.get_dummy_value()

    return types.void(array, start, step, count), codegen
