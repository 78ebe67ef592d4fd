"""What a loss is divided by (loss_param), the same rule for all losses that use it."""

from __future__ import annotations

from mycaffe_py.layers.base import LayerContext
from mycaffe_py.proto.mycaffe_pb2 import LossParameter


def normalization_mode(ctx: LayerContext, default: int = LossParameter.VALID) -> int:
    """The mode asked for: `normalization`, else the older `normalize`, else `default`."""
    loss = ctx.param.loss_param
    if loss.HasField("normalization"):
        return int(loss.normalization)
    if loss.HasField("normalize"):
        return int(LossParameter.VALID if loss.normalize else LossParameter.BATCH_SIZE)
    return int(default)


def divisor(mode: int, outer: int, inner: int, valid: int) -> float:
    """FULL outer * inner, VALID the labels not ignored, BATCH_SIZE outer, NONE 1; at least 1."""
    count = counted_in(mode, outer, inner, valid)
    return 1.0 if count is None else float(max(1, count))


def counted_in(mode: int, outer: int, inner: int, valid: int) -> int | None:
    """What a loss of this mode is the mean of, maybe 0; None for NONE, where it is a sum."""
    values: dict[int, int | None] = {
        LossParameter.FULL: outer * inner,
        LossParameter.VALID: valid,
        LossParameter.BATCH_SIZE: outer,
        LossParameter.NONE: None,
    }
    return values[mode]
