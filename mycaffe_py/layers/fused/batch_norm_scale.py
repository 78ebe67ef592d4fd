"""BatchNorm by the batch, Scale and ReLU as one layer."""

from __future__ import annotations

from dataclasses import replace

from mycaffe_py.layers.base import LayerContext, LayerPlan
from mycaffe_py.layers.normalization.batch_norm import BatchNorm, BatchNormFacts


class BatchNormScale(BatchNorm):
    """Stands for BatchNorm by the batch with the Scale and maybe the ReLU behind it.

    Its text is BatchNorm's; its parameters are BatchNorm's three and factor and shift of Scale, as
    with NVCaffe's scale_bias.
    """

    type = "BatchNorm+Scale"

    def __init__(self, scale: LayerPlan, relu: bool) -> None:
        """`scale` is the plan of Scale."""
        self.scale = scale
        self.rectifies = relu

    def plan(self, ctx: LayerContext) -> LayerPlan[BatchNormFacts]:
        """BatchNorm's, with what Scale learns."""
        plain = super().plan(ctx)
        params = (*plain.params, *self.scale.params)
        return replace(plain, params=params, facts=replace(plain.facts, affine=True))
