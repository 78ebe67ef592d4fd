"""Vectors lane by lane: every second element, two in turn, a maximum that keeps NaN, and where."""

from __future__ import annotations

from numba import types
from numba.core.cgutils import ir
from numba.extending import intrinsic


@intrinsic
def every_second(typingctx, first, second):  # type: ignore[no-untyped-def]
    """Lanes 0, 2, 4, ... of `first`, then those of `second`."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        count = args[0].type.count
        kind = ir.VectorType(ir.IntType(32), count)
        return builder.shuffle_vector(
            args[0], args[1], ir.Constant(kind, list(range(0, 2 * count, 2)))
        )

    return first(first, second), codegen


@intrinsic
def in_turn(typingctx, first, second):  # type: ignore[no-untyped-def]
    """Lane 0 of `first`, lane 0 of `second`, lane 1 of `first`, ...: two vectors."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        count = args[0].type.count
        kind = ir.VectorType(ir.IntType(32), count)
        mixed = [lane // 2 + lane % 2 * count for lane in range(2 * count)]
        parts = [
            builder.shuffle_vector(args[0], args[1], ir.Constant(kind, half))
            for half in (mixed[:count], mixed[count:])
        ]
        return context.make_tuple(builder, signature.return_type, parts)

    return types.UniTuple(first, 2)(first, second), codegen


@intrinsic
def larger(typingctx, a, b):  # type: ignore[no-untyped-def]
    """The larger of two vectors lane by lane; NaN where either is."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        above = builder.fcmp_ordered(">", args[1], args[0])
        missing = builder.fcmp_unordered("uno", args[1], args[1])
        return builder.select(builder.or_(above, missing), args[1], args[0])

    return a(a, b), codegen


@intrinsic
def where_larger(typingctx, a, b, for_a, for_b):  # type: ignore[no-untyped-def]
    """`for_b` in the lanes where `larger` gives b, else `for_a`."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        above = builder.fcmp_ordered(">", args[1], args[0])
        missing = builder.fcmp_unordered("uno", args[1], args[1])
        return builder.select(builder.or_(above, missing), args[3], args[2])

    return a(a, b, for_a, for_b), codegen
