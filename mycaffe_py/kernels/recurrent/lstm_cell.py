"""The gates of a long short-term memory on whole vectors.

Gates stand in the order input i, forget f, output o, candidate g. Nothing here takes an array:
numba would count a reference more and less for each, 144 calls in a cell.
"""

from __future__ import annotations

from ..inlined import inlined
from ..vectors.vector_math import add, divide, exp, filled, multiply, subtract


@inlined
def squash(i, f, o, g, limit):
    """i, f, o and g from -i, -f, -o and -2 g: sigmoids and a tanh, with one division for all.

    Exponents end at `limit`, so that the product of the four is finite and its inverse a number of
    full precision.
    """
    one = filled(i, 1)
    a = add(one, exp(i, limit))
    b = add(one, exp(f, limit))
    c = add(one, exp(o, limit))
    d = add(one, exp(g, limit))
    ab = multiply(a, b)
    cd = multiply(c, d)
    whole = divide(one, multiply(ab, cd))
    per_ab = multiply(whole, cd)
    per_cd = multiply(whole, ab)
    half = multiply(per_cd, c)
    tanh_g = subtract(add(half, half), one)
    return multiply(per_ab, b), multiply(per_ab, a), multiply(per_cd, d), tanh_g


@inlined
def tanh(x, limit):
    """tanh x = 1 - 2 / (1 + e^2x)."""
    one = filled(x, 1)
    return subtract(one, divide(filled(x, 2), add(one, exp(add(x, x), limit))))
