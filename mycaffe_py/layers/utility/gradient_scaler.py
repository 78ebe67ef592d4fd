"""GradientScaler: reverses the gradient, more strongly as training goes on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register
from mycaffe_py.layers.in_place import KEEPS_VALUES

FIELD = "gradient_scale_param"


@dataclass(frozen=True)
class GradientScalerFacts:
    """The schedule of the factor."""

    lower: float
    upper: float
    alpha: float
    batches: float

    def factor(self, batch_number: int) -> float:
        """By which gradients of batch `batch_number`, from 0, are reversed."""
        progress = min(1.0, batch_number / self.batches)
        height = self.upper - self.lower
        return 2 * height / (1 + math.exp(-self.alpha * progress)) - height + self.lower


@register
class GradientScaler(Layer[GradientScalerFacts]):
    """Passes values on and reverses gradients, so that what is before works against what is behind.

    Formula:
        y = x; dx = -c dy with c = 2 h / (1 + exp(-alpha t)) - h + lower_bound,
        h = upper_bound - lower_bound, t = min(1, batch / max_iter): c rises from lower_bound
        towards upper_bound. A batch is one forward in training, iter_size of them an iteration.
    Shapes:
        x and y any shape, the same.
    Source:
        Ganin et al.: Domain-Adversarial Training of Neural Networks, 2016, section 5.2.2; the
        layer of their Caffe. MyCaffe computes c once, when the net is made, and takes
        min(1, iteration) / max_iter for t; here c follows the training, and a resumed run goes on
        where it was. Its type is "GSL" in MyCaffe's texts.
    Example:
        layer {
          name: "against" type: "GradientScaler" bottom: "x" top: "y"
          gradient_scale_param { upper_bound: 1 alpha: 10 max_iter: 10000 }
        }
    """

    type = "GradientScaler"
    spellings = ("GSL", "Gradient_Scaler")
    may_be_in_place = True
    rows_independent = True
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[GradientScalerFacts]:
        """The top has the bottom's shape."""
        options = ctx.param.gradient_scale_param
        checks = (
            ("upper_bound", options.upper_bound >= options.lower_bound, "lower_bound or more"),
            ("alpha", options.alpha >= 0, "0 or more"),
            ("max_iter", options.max_iter >= 1, "1 or more, the batches until it stays"),
        )
        for name, good, wanted in checks:
            if not good or not math.isfinite(getattr(options, name)):
                found = f"{name} {getattr(options, name):g}"
                raise ctx.error(found, at=(FIELD, name), wanted=wanted)
        facts = GradientScalerFacts(
            options.lower_bound, options.upper_bound, options.alpha, options.max_iter
        )
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=facts)

    def kept_in_place(self, facts: GradientScalerFacts) -> tuple[str, ...]:
        """All values stay, as y is x."""
        return KEEPS_VALUES

    def forward(self, io: LayerIO[GradientScalerFacts]) -> None:
        """Copy x; nothing is to be copied where x is y."""
        if io.tops[0] is not io.bottoms[0]:
            np.copyto(io.tops[0], io.bottoms[0])

    def backward(self, io: LayerIO[GradientScalerFacts]) -> None:
        """Reverse the gradient and scale it; dx may be dy."""
        dx = io.dbottoms[0]
        if dx is not None:
            np.multiply(io.dtops[0], -io.facts.factor(io.run.batch_number), out=dx)
