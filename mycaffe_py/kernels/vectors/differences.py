"""Squared differences between all vectors of two tiles."""

from __future__ import annotations

from typing import Any

from numba.core.cgutils import unpack_tuple
from numba.extending import intrinsic

from .vector import fma_value


@intrinsic
def outer_squares(typingctx, left, right, tile):  # type: ignore[no-untyped-def]
    """tile[i * len(right) + j] + (left[i] - right[j])^2, for all i and j."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows, columns, sums = (unpack_tuple(builder, value) for value in args)
        results = []
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                gap = builder.fsub(row, column)
                results.append(fma_value(builder, gap, gap, sums[i * len(columns) + j]))
        return context.make_tuple(builder, signature.return_type, results)

    return tile(left, right, tile), codegen
