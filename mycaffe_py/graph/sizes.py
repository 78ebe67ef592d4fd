"""What no blob may exceed, so that a text asks for nothing a machine could have."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mycaffe_py.layers.base import LayerContext, LayerPlan, Shape

# As in Caffe (kMaxBlobAxes); numpy once had the same limit.
MOST_AXES = 32
# So many doubles are counted in bytes by 64 bits: beyond, numbers of arrays would wrap around.
MOST_VALUES = (1 << 60) - 1


def check_sizes(ctx: LayerContext, tops: Sequence[str], plan: LayerPlan) -> None:
    """Raise UserError where a array that a planned layer asks for is beyond measure."""
    for name, spec in zip(tops, plan.tops, strict=True):
        _check(ctx, f"top '{name}'", spec.shape)
    for index, blob in enumerate(plan.params):
        _check(ctx, f"parameter {index}", blob.shape)
    for name, scratch in plan.scratch.items():
        _check(ctx, f"its room for {name}", scratch.shape)


def _check(ctx: LayerContext, what: str, shape: Shape) -> None:
    if len(shape) > MOST_AXES:
        raise ctx.error(
            f"{what} has {len(shape)} axes",
            wanted=f"a blob has at most {MOST_AXES}",
            do="Leave out axes, or join several into one.",
        )
    # Python's own numbers: those of 64 bits would wrap around.
    count = math.prod(map(int, shape))
    if count > MOST_VALUES:
        shown = "x".join(map(str, shape))
        raise ctx.error(
            f"{what} is {shown}",
            wanted=f"no machine holds {count:,} values",
            do="Make its sizes smaller.",
        )
