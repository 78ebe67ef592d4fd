"""What one pair of items adds to the loss of a Siamese net."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.proto import mycaffe_pb2 as pb


@dataclass(frozen=True)
class PairLoss:
    """ContrastiveLoss of one pair at a Euclidean distance d.

    same: scale d^2 / 2; different: max(margin - d, 0)^2 / 2, or max(margin - d^2, 0) / 2 where it
    is `linear`. The loss of a batch is the mean of these.
    """

    layer: str
    margin: float
    scale: float
    linear: bool

    @property
    def reach(self) -> float:
        """The Euclidean distance from which on a pair of different items costs nothing."""
        return math.sqrt(max(self.margin, 0.0)) if self.linear else self.margin

    def same(self, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k,): what pairs of one class cost."""
        return self.scale * distances * distances / 2

    def different(self, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k,): what pairs of two classes cost."""
        if self.linear:
            return np.maximum(self.margin - distances * distances, 0) / 2
        gap = np.maximum(self.margin - distances, 0)
        return gap * gap / 2


def pair_loss(layers: Iterable[pb.LayerParameter]) -> PairLoss | None:
    """That of the first ContrastiveLoss by Euclidean distance among `layers`; None without one."""
    for layer in layers:
        options = layer.contrastive_loss_param
        manhattan = options.distance_calculation == pb.ContrastiveLossParameter.MANHATTAN
        if layer.type in ("ContrastiveLoss", "Contrastive_Loss") and not manhattan:
            return PairLoss(
                layer.name, options.margin, options.matching_distance_scale, options.legacy_version
            )
    return None
