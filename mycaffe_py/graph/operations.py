"""Counts the arithmetic of a layer from its shapes alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import LayerPlan, layer_types
from mycaffe_py.layers.fused.conv_pool import ConvolutionPooling

# A product and the sum it goes into.
_PER_PRODUCT = 2


@dataclass(frozen=True)
class Arithmetic:
    """Floating-point operations of one forward and one backward of a layer; 0 if not counted."""

    forward: int = 0
    backward: int = 0


def arithmetic(node: Node) -> Arithmetic:
    """The operations of `node`, a plain layer or the fused one that stands for it.

    Counted densely, whatever the kernel leaves out: one product for each weight and each place it
    is used at, forward, for the gradient of the weights and for that of the bottom.
    """
    return _counted(node, (1, 1, 1))


def arithmetic_done(node: Node) -> Arithmetic:
    """The products (and sums) that the kernels of `node` really take for the same results.

    A fused convolution and max pool leaves out what the maxima leave out, and takes fewer products
    by Winograd's way; the sums of its transforms are not counted.
    """
    if isinstance(node.layer, ConvolutionPooling):
        return _counted(node, node.layer.shares_done(node.plan))
    return arithmetic(node)


def _counted(node: Node, shares: tuple[float, float, float]) -> Arithmetic:
    """Operations with the shares that are done: forward, gradient of weights, of the bottom."""
    # The text of a fused layer is that of the layer whose weights it has.
    plain = layer_types.get(node.context.param.type)
    places = _PLACES.get(plain.type)
    if places is None:
        return Arithmetic()
    plan = plain.plan(node.context)
    weights = math.prod(plan.params[0].shape)
    once = _PER_PRODUCT * weights * places(node, plan) * max(1, len(node.context.bottoms))
    forward, of_weights, of_bottom = (round(once * share) for share in shares)
    if not node.backward:
        return Arithmetic(forward)
    backward = int(node.param_gradients[0]) * of_weights + int(any(node.propagate)) * of_bottom
    return Arithmetic(forward, backward)


def _of_results(node: Node, plan: LayerPlan) -> int:
    """N x OH x OW: a convolution uses each weight once for each place of a result."""
    options = node.context.param.convolution_param
    axis = node.context.axis(options.axis)
    shape = plan.tops[0].shape
    return math.prod(shape[:axis]) * math.prod(shape[axis + 1 :])


def _of_inputs(node: Node, plan: LayerPlan) -> int:
    """N x H x W: a deconvolution uses each weight once for each place of its bottom."""
    options = node.context.param.convolution_param
    axis = node.context.axis(options.axis)
    shape = node.context.shapes[0]
    return math.prod(shape[:axis]) * math.prod(shape[axis + 1 :])


def _of_rows(node: Node, plan: LayerPlan) -> int:
    """N: an inner product uses each weight once for each row."""
    return math.prod(plan.tops[0].shape[:-1])


_PLACES: dict[str, Callable[[Node, LayerPlan], int]] = {
    "Convolution": _of_results,
    "Deconvolution": _of_inputs,
    "InnerProduct": _of_rows,
}
