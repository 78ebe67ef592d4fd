"""The `base` option of Exp and Log: -1 stands for e."""

from __future__ import annotations

import math

from mycaffe_py.layers.base import LayerContext

NATURAL = -1.0


def logarithm_of_base(ctx: LayerContext, message: str, base: float) -> float:
    """Natural logarithm of `base`, the option of that name in the layer's `message`."""
    if base == NATURAL:
        return 1.0
    if not 0 < base < math.inf:
        raise ctx.error(
            f"base {base:g}",
            at=(message, "base"),
            wanted="a base must be above 0 and finite; -1 stands for e",
        )
    return math.log(base)
