"""Winograd's minimal filtering for 2 x 2 outputs, as operations on register tiles.

F(2 x 2, r x r): 2 x 2 outputs of a convolution with an r x r kernel need n^2 products, n = r + 1,
instead of 4 r^2: 36 instead of 100 for r = 5, 16 instead of 36 for r = 3.

    outputs = A' [ (G w G') * (B' d B) ] A        * element by element, ' the transpose

with d the n x n patch of the image. A 2 x 2 output tile is exactly one pooling window. The
gradient of the image is the same line read backwards: dd = B [ (G w G') * (A dy A') ] B'.
Source: S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, Fast
Algorithms for Convolutional Neural Networks, 2016 (B for n = 6: F(4 x 4, 3 x 3) has the same).
"""

from __future__ import annotations

import math
from typing import Any

from numba import types
from numba.core.cgutils import ir, unpack_tuple
from numba.extending import intrinsic

from ..vectors.vector import element_pointer, fma_value, position_value

_IMAGE = {
    4: ((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, -1, 0, 1)),
    6: (
        (4, 0, -5, 0, 1, 0),
        (0, -4, -4, 1, 1, 0),
        (0, 4, -4, -1, 1, 0),
        (0, -2, -1, 2, 1, 0),
        (0, 2, -1, -2, 1, 0),
        (0, 4, 0, -5, 0, 1),
    ),
}
"""B' (n, n) by n."""

_POINTS = {4: (0, 1, -1), 6: (0, 1, -1, 2, -2)}
_SCALES = {4: (1, 1 / 2, 1 / 2), 6: (1 / 4, -1 / 6, -1 / 6, 1 / 24, 1 / 24)}


def _vandermonde(n: int, powers: int) -> list[list[float]]:
    """(n, powers): 1, p, p^2, ... at each point, and the highest power alone at infinity."""
    rows = [[float(point**power) for power in range(powers)] for point in _POINTS[n]]
    return [*rows, [0.0] * (powers - 1) + [1.0]]


def image_matrix(n: int) -> list[list[float]]:
    """B' (n, n)."""
    return [[float(value) for value in row] for row in _IMAGE[n]]


def weight_matrix(n: int) -> list[list[float]]:
    """G (n, n - 1)."""
    scales = [*_SCALES[n], 1.0]
    rows = _vandermonde(n, n - 1)
    return [[scale * value for value in row] for scale, row in zip(scales, rows, strict=True)]


def output_matrix(n: int) -> list[list[float]]:
    """A' (2, n)."""
    return _turned(_vandermonde(n, 2))


def _turned(matrix: list[list[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*matrix, strict=True)]


def _combine(builder: Any, factors: list[float], vectors: list[Any]) -> Any:
    """Sum of factor * vector without the zeros; a factor of 1 or -1 costs no product."""
    used = [(f, v) for f, v in zip(factors, vectors, strict=True) if f != 0]
    used.sort(key=lambda pair: pair[0] != 1)
    kind = used[0][1].type
    total = None
    for factor, vector in used:
        if total is None and factor == 1:
            total = vector
        elif total is None:
            total = builder.fmul(vector, ir.Constant(kind, [factor] * kind.count))
        elif factor == 1:
            total = builder.fadd(total, vector)
        elif factor == -1:
            total = builder.fsub(total, vector)
        else:
            constant = ir.Constant(kind, [factor] * kind.count)
            total = fma_value(builder, vector, constant, total)
    return total


def sandwich(builder: Any, matrix: list[list[float]], grid: list[Any]) -> list[Any]:
    """M X M' of a square grid of vectors X, given and returned row by row."""
    inner = len(matrix[0])
    half = []
    for column in range(inner):
        vectors = [grid[row * inner + column] for row in range(inner)]
        half.append([_combine(builder, factors, vectors) for factors in matrix])
    return [
        _combine(builder, factors, [half[column][row] for column in range(inner)])
        for row in range(len(matrix))
        for factors in matrix
    ]


def _intrinsic_of(matrix_of: Any, side_in: Any, side_out: Any) -> Any:
    def typing(typingctx, grid):  # type: ignore[no-untyped-def]
        n = side_in(math.isqrt(len(grid)))

        def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
            results = sandwich(builder, matrix_of(n), unpack_tuple(builder, args[0]))
            return context.make_tuple(builder, signature.return_type, results)

        return types.UniTuple(grid.dtype, side_out(n) ** 2)(grid), codegen

    return intrinsic(typing)


transform_image = _intrinsic_of(image_matrix, lambda side: side, lambda n: n)
"""n x n patch d to B' d B."""

transform_weights = _intrinsic_of(weight_matrix, lambda side: side + 1, lambda n: n)
"""r x r kernel w to G w G', n x n."""

transform_outputs = _intrinsic_of(output_matrix, lambda side: side, lambda n: 2)
"""n x n products m to A' m A: the 2 x 2 outputs."""

spread_gradient = _intrinsic_of(lambda n: _turned(image_matrix(n)), lambda side: side, lambda n: n)
"""n x n gradient of the products g to B g B': the gradient of the patch."""


@intrinsic
def squared(typingctx, points):  # type: ignore[no-untyped-def]
    """For a counting tuple of length n one of length n^2, which is then no argument of a kernel.

    A parallel kernel takes each element of a tuple as an argument of its own, slow to compile.
    """
    number = len(points) ** 2

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return context.get_constant_null(signature.return_type)

    return types.UniTuple(types.intp, number)(points), codegen


@intrinsic
def spread_outputs(typingctx, dy, position, codes, first, second):  # type: ignore[no-untyped-def]
    """The row (first, second) of A times the 2 x 2 gradient Y: its two elements.

    Y is dy where `codes` says and 0 elsewhere. codes: bytes, one a lane from `position` on, 0 to
    3, another number for nowhere.
    """

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        count = args[0].type.count
        bytes_kind = ir.VectorType(ir.IntType(8), count)
        place = position_value(context, builder, args[1], signature.args[1])
        pointer = element_pointer(context, builder, signature.args[2], args[2], place)
        code = builder.load(builder.bitcast(pointer, bytes_kind.as_pointer()))
        code.align = 1
        upper, lower = (builder.fmul(args[0], factor) for factor in args[3:])
        results = []
        for column in range(2):
            total = ir.Constant(args[0].type, None)
            for number, value in ((column, upper), (column + 2, lower)):
                here = builder.icmp_unsigned("==", code, ir.Constant(bytes_kind, [number] * count))
                total = builder.select(here, value, total)
            results.append(total)
        return context.make_tuple(builder, signature.return_type, results)

    return types.UniTuple(dy, 2)(dy, position, codes, first, second), codegen


@intrinsic
def multiply(typingctx, a, b):  # type: ignore[no-untyped-def]
    """a * b, lane by lane."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.fmul(*args)

    return a(a, b), codegen
