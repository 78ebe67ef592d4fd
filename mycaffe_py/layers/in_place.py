"""Layers that write over their bottom: whether a layer does, and what can still be seen of x.

The backward of an earlier layer may look at a blob that a layer in place has written over. It looks
for one of three things: the "values"; the "signs", that is whether a value is above 0; or the signs
of "rectified" values, none of which was below 0. A layer counts as keeping the signs if it keeps
them wherever a gradient flows.
"""

from __future__ import annotations

from mycaffe_py.layers.base import LayerContext

KEEPS_VALUES = ("values", "signs", "rectified")
KEEPS_SIGNS = ("signs", "rectified")
KEEPS_RECTIFIED = ("rectified",)


def works_in_place(ctx: LayerContext) -> bool:
    """Whether the first top has the first bottom's name, and so its memory."""
    return list(ctx.param.bottom[:1]) == list(ctx.param.top[:1])
