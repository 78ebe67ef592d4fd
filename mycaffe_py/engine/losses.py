"""Floor 5. What a layer adds to the loss of its net."""

from __future__ import annotations

import numpy as np

from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import LayerIO


def loss_of(node: Node, io: LayerIO) -> float:
    """Sum of loss weight * top, in float64, after the node's forward.

    A top in place, and one that shows its bottom, share the memory of their gradient with others,
    so backward has written over the weight there: it is written anew. Every other top's gradient
    stays, and with it what somebody put there.
    """
    loss = 0.0
    for index, weight in enumerate(node.loss_weights):
        if not weight:
            continue
        loss += weight * float(io.tops[index].sum(dtype=np.float64))
        if node.backward and (node.in_place[index] or index in node.plan.views):
            io.dtops[index][...] = weight
    return loss
