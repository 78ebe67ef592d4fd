"""Winograd's minimal filtering with 3 x 3 kernels, as steps along one axis of a grid of vectors.

F(4 x 4, 3 x 3): 4 x 4 outputs need 36 products instead of 144.

    outputs = A' [ (G w G') * (B' d B) ] A        * element by element, ' the transpose

with d the patch of 6 x 6 pixels. Each matrix works along rows, then along columns. The points are
0, +-sqrt(1/2), +-sqrt(2) and infinity. With +-1 and +-2, which are usual, numbers of more different
sizes are added, and the error is several times as large; with these it is about that of the direct
sum.
Source: S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, Fast
Algorithms for Convolutional Neural Networks, 2016 (with other points).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.core.cgutils import ir
from numba.extending import intrinsic

from ..vectors.vector import fma_value, load_value, position_value, store_value

SIDE = 4
"""Outputs of a patch along an axis."""
REACH = SIDE + 2
"""Its pixels along an axis, and its points."""

_POINTS = (0.0, math.sqrt(0.5), -math.sqrt(0.5), math.sqrt(2.0), -math.sqrt(2.0))
Matrix = npt.NDArray[np.float64]


def image_matrix() -> Matrix:
    """B' (REACH, REACH): row i is the polynomial that is 0 at all points but the i-th."""
    found = np.zeros((REACH, REACH))
    for i in range(len(_POINTS)):
        found[i, :-1] = np.poly(_POINTS[:i] + _POINTS[i + 1 :])[::-1]
    found[-1] = np.poly(_POINTS)[::-1]
    # Products of points and their negatives are whole quarters, or 0, but for rounding.
    return np.where(abs(4 * found - np.round(4 * found)) < 1e-9, np.round(4 * found) / 4, found)


def weight_matrix() -> Matrix:
    """G (REACH, 3)."""
    found = np.zeros((REACH, 3))
    for i, point in enumerate(_POINTS):
        others = _POINTS[:i] + _POINTS[i + 1 :]
        found[i] = np.array([1, point, point**2]) / np.prod([point - other for other in others])
    found[-1, 2] = 1
    return found


def output_matrix() -> Matrix:
    """A' (SIDE, REACH)."""
    found = np.zeros((SIDE, REACH))
    for i, point in enumerate(_POINTS):
        found[:, i] = [point**power for power in range(SIDE)]
    found[-1, -1] = 1
    return found


def _sum(builder: Any, factors: Any, vectors: list[Any]) -> Any:
    """Sum of factor * vector without the zeros; a factor of 1 costs no product."""
    used = [(f, v) for f, v in zip(factors, vectors, strict=True) if f != 0]
    used.sort(key=lambda pair: bool(pair[0] != 1))
    total = None
    for factor, vector in used:
        constant = ir.Constant(vector.type, [float(factor)] * vector.type.count)
        if total is None:
            total = vector if factor == 1 else builder.fmul(vector, constant)
        elif factor == 1:
            total = builder.fadd(total, vector)
        else:
            total = fma_value(builder, vector, constant, total)
    return total


def _to_points(builder: Any, pixels: list[Any]) -> list[Any]:
    """B' times pixels. Rows of a point and its negative differ in the sign of odd columns."""
    matrix = image_matrix()
    odd = np.arange(REACH) % 2 == 1
    found = [_sum(builder, matrix[0], pixels)]
    for row in range(1, REACH - 1, 2):
        evens = _sum(builder, np.where(odd, 0, matrix[row]), pixels)
        odds = _sum(builder, np.where(odd, matrix[row], 0), pixels)
        found += [builder.fadd(evens, odds), builder.fsub(evens, odds)]
    return [*found, _sum(builder, matrix[-1], pixels)]


def _to_pixels(builder: Any, values: list[Any]) -> list[Any]:
    """A' times values. Even rows have the sums of pairs of points, odd ones the differences."""
    matrix = output_matrix()
    pairs = range(1, REACH - 1, 2)
    parted = [
        [values[0], *(builder.fadd(values[i], values[i + 1]) for i in pairs), values[-1]],
        [values[0], *(builder.fsub(values[i], values[i + 1]) for i in pairs), values[-1]],
    ]
    columns = [0, *pairs, REACH - 1]
    return [_sum(builder, matrix[row, columns], parted[row % 2]) for row in range(SIDE)]


def _step_of(combine: Any) -> Any:
    """The intrinsic that loads REACH vectors, combines them, and stores the results."""

    def typing(typingctx, x, start, step, out, place, far):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
            kinds = signature.args
            here, move, there, go = (
                position_value(context, builder, args[i], kinds[i]) for i in (1, 2, 4, 5)
            )
            loaded = []
            for _ in range(REACH):
                loaded.append(load_value(context, builder, kinds[0], args[0], here))
                here = builder.add(here, move)
            for value in combine(builder, loaded):
                store_value(context, builder, kinds[3], args[3], there, value)
                there = builder.add(there, go)
            return context.get_dummy_value()

        return types.void(x, start, step, out, place, far), codegen

    return intrinsic(typing)


to_points = _step_of(_to_points)
"""REACH vectors x[start + i * step] to B' times them, at out[place + i * far]."""

to_pixels = _step_of(_to_pixels)
"""REACH vectors x[start + i * step] to the SIDE of A' times them, at out[place + i * far]."""
