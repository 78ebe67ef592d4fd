"""Floor 3. Whether a layer of the text writes over its bottom, for layers which must know."""

from __future__ import annotations

from mycaffe_py.layers.base import LayerContext


def works_in_place(ctx: LayerContext) -> bool:
    """Whether the first top has the first bottom's name, and so its memory."""
    return list(ctx.param.bottom[:1]) == list(ctx.param.top[:1])
