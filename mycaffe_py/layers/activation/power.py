"""Power: a fixed power of every value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)
from mycaffe_py.layers.in_place import KEEPS_SIGNS, KEEPS_VALUES


@dataclass(frozen=True)
class PowerFacts:
    """y = (shift + scale * x)^power."""

    power: float
    scale: float
    shift: float

    @property
    def constant(self) -> bool:
        """Whether y does not depend on x."""
        return self.power * self.scale == 0


@register
class Power(Layer[PowerFacts]):
    """A fixed power of every (scaled, shifted) value; by default x itself.

    Formula:
        y = (shift + scale * x)^power; dx = dy * scale * power * (shift + scale * x)^(power - 1).
        Where scale * power is 0, y is the same for all x (1 for power 0) and dx = 0.
    Shapes:
        x and y any shape, the same.
    Source:
        As in Caffe. Caffe finds the gradient as power * y / x, which is NaN at 0; ours is right
        there. In place Caffe's gradient is wrong; here it is right for power 1, and every other
        power is refused in place where a gradient is wanted.
    Example:
        layer {
          name: "square" type: "Power" bottom: "x" top: "y"
          power_param { power: 2 scale: 0.7 shift: -0.3 }
        }
    """

    type = "Power"
    forward_in_place = True
    rows_independent = True
    backward_reads = ("bottoms",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[PowerFacts]:
        """A constant result must be a number."""
        options = ctx.param.power_param
        facts = PowerFacts(options.power, options.scale, options.shift)
        if facts.constant and facts.power and not np.isfinite(_constant(facts)):
            raise ctx.error(
                f"scale 0 makes every value {facts.shift:g}^{facts.power:g}",
                at=("power_param", "scale"),
                wanted="that is no number",
            )
        return LayerPlan(
            tops=(BlobSpec(ctx.shapes[0]),),
            facts=facts,
            unread=(0,) if facts.constant or facts.power == 1 else (),
        )

    def kept_in_place(self, facts: PowerFacts) -> tuple[str, ...]:
        """The values where y is x; the signs where x is multiplied by a number above 0."""
        if facts.power != 1 or facts.shift or facts.scale <= 0:
            return ()
        return KEEPS_VALUES if facts.scale == 1 else KEEPS_SIGNS

    def forward(self, io: LayerIO[PowerFacts]) -> None:
        """Scale and shift, then raise to the power."""
        y, facts = io.tops[0], io.facts
        if facts.constant:
            y[...] = _constant(facts)
        else:
            _raise(io.bottoms[0], facts, facts.power, y)

    def backward(self, io: LayerIO[PowerFacts]) -> None:
        """Multiply the gradient by the next lower power; for power 1 dx may be dy."""
        dx, facts = io.dbottoms[0], io.facts
        if dx is None:
            return
        if facts.constant:
            dx.fill(0)
        elif facts.power == 1:
            np.multiply(io.dtops[0], facts.scale, out=dx)
        else:
            _raise(io.bottoms[0], facts, facts.power - 1, dx)
            dx *= facts.power * facts.scale
            dx *= io.dtops[0]


def _constant(facts: PowerFacts) -> float:
    with np.errstate(all="ignore"):
        return float(np.power(np.float64(facts.shift), np.float64(facts.power)))


def _raise(x: Array, facts: PowerFacts, power: float, y_out: Array) -> None:
    """(shift + scale * x)^power; a root of a negative number is NaN, as the net's check tells."""
    if power == 0:
        y_out.fill(1)
        return
    np.multiply(x, facts.scale, out=y_out)
    y_out += facts.shift
    if power == 2:
        np.multiply(y_out, y_out, out=y_out)
    elif power != 1:
        with np.errstate(all="ignore"):
            np.power(y_out, power, out=y_out)
