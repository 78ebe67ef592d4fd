"""Floor 3. Layers that write over their bottom: whether one does, and what is left of x.

Backward may look at a blob that a layer in place has written since. What it looks for is one of:
its "values"; the "signs", whether a value is above 0; or the signs of "rectified" values, none of
which was below 0. What keeps the signs wherever a gradient flows counts as keeping them.
"""

from __future__ import annotations

from mycaffe_py.layers.base import LayerContext

KEEPS_VALUES = ("values", "signs", "rectified")
KEEPS_SIGNS = ("signs", "rectified")
KEEPS_RECTIFIED = ("rectified",)


def works_in_place(ctx: LayerContext) -> bool:
    """Whether the first top has the first bottom's name, and so its memory."""
    return list(ctx.param.bottom[:1]) == list(ctx.param.top[:1])
