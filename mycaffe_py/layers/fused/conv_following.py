"""Convolution with the layers behind it that only scale, shift, add and rectify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    layer_types,
)
from mycaffe_py.layers.vision.convolution import ConvolutionFacts, first_ends, run_direct


@dataclass(frozen=True)
class Following:
    """A layer behind the convolution: its type, its plan, and how many parameters it has."""

    type: str
    plan: LayerPlan

    @property
    def count(self) -> int:
        """How many parameters it has."""
        return len(self.plan.params)


class ConvolutionFollowing(Layer[ConvolutionFacts]):
    """Stands for Convolution with what follows it, each once or not at all, in this order:
    BatchNorm with stored means, Scale, BN with stored means or none, Eltwise SUM, ReLU.

    It runs forward only. Its text is the Convolution's, and its parameters are those of all these
    layers in order. They are read in each forward, which is cheap: each is one number an output.
    With an Eltwise its second bottom is the other blob of the sum.
    """

    type = "Convolution+Following"
    rows_independent = True
    has_backward = False

    def __init__(self, following: Sequence[Following]) -> None:
        """`following` are the layers behind the convolution, in order."""
        self.following = tuple(following)
        self.relu = any(one.type == "ReLU" for one in self.following)

    def plan(self, ctx: LayerContext) -> LayerPlan[ConvolutionFacts]:
        """The convolution's, without what its backward needs."""
        plain = layer_types.get("Convolution").plan(ctx)
        params = [*plain.params]
        for one in self.following:
            params += one.plan.params
        return LayerPlan(
            tops=(BlobSpec(plain.tops[0].shape),),
            params=tuple(params),
            scratch={k: one for k, one in plain.scratch.items() if one.use != "backward"},
            facts=plain.facts,
        )

    def forward(self, io: LayerIO[ConvolutionFacts]) -> None:
        """Convolve, and scale, shift, add and rectify in the same pass over the result."""
        ends = self.ends(io)
        added = io.bottoms[1].reshape(io.tops[0].shape) if len(io.bottoms) > 1 else None
        run_direct(io, io.bottoms[0], ends, added, self.relu, io.tops[0])

    def ends(self, io: LayerIO[Any]) -> Array:
        """Factor and shift of each output channel, in the scratch array of that name."""
        ends = io.scratch["ends"]
        first_ends(io, ends)
        start = 2 if io.facts.bias else 1
        for one in self.following:
            _put_behind(one, io.params[start : start + one.count], ends)
            start += one.count
        return ends


def _put_behind(one: Following, params: Sequence[Array], ends: Array) -> None:
    """Change factor and shift so that they stand for this layer, too."""
    if one.type == "BatchNorm":
        mean, variance, count = params[:3]
        share = 1 / count[0] if count[0] else count[0]
        spread = np.sqrt(variance * share + variance.dtype.type(one.plan.facts.eps))
        ends[1] -= mean * share
        ends /= spread
        if one.plan.facts.affine:
            ends *= params[3]
            ends[1] += params[4]
    elif one.type == "BN":
        _put_bn_behind(one, [param.reshape(-1) for param in params], ends)
    elif one.type == "Scale":
        ends *= params[0].reshape(-1)
        if one.plan.facts.shifts:
            ends[1] += params[1].reshape(-1)


def _put_bn_behind(one: Following, params: Sequence[Array], ends: Array) -> None:
    if one.plan.facts.stored:
        mean, variance = params[2:]
        ends[1] -= mean
        ends /= np.sqrt(variance + variance.dtype.type(one.plan.facts.eps))
    ends *= params[0]
    ends[1] += params[1]
