"""What a layer adds to the loss of its net."""

from __future__ import annotations

import numpy as np

from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import LayerIO


def loss_of(node: Node, io: LayerIO) -> float:
    """Sum of loss weight * top, in float64, after the node's forward.

    The gradient of a top is its loss weight. A top that works in place, or shows its bottom, shares
    the memory of its gradient with other blobs. Backward has written over the weight there, so it
    is written anew. The gradients of all other tops stay, also where somebody has changed them.
    """
    loss = 0.0
    for index, weight in enumerate(node.loss_weights):
        if not weight:
            continue
        loss += weight * float(io.tops[index].sum(dtype=np.float64))
        if node.backward and (node.in_place[index] or index in node.plan.views):
            io.dtops[index][...] = weight
    return loss
