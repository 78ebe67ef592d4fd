"""What a pair costs is what the layer says it costs."""

from __future__ import annotations

import numpy as np
import pytest
from google.protobuf import text_format

from mycaffe_py.evaluate.pair_loss import pair_loss
from mycaffe_py.proto import mycaffe_pb2 as pb


def _loss(options: str, kind: str = "ContrastiveLoss"):
    text = f'layer {{ name: "loss" type: "{kind}" contrastive_loss_param {{ {options} }} }}'
    return pair_loss(text_format.Parse(text, pb.NetParameter()).layer)


def test_a_pair_costs_half_the_square() -> None:
    loss = _loss("margin: 3")
    assert loss is not None
    assert loss.reach == 3
    assert loss.same(np.array([2.0])).tolist() == [2.0]
    assert loss.different(np.array([1.0, 3.5])).tolist() == [2.0, 0.0]


def test_the_linear_form_compares_the_square_with_the_margin() -> None:
    loss = _loss("margin: 4 legacy_version: true matching_distance_scale: 0.5")
    assert loss is not None
    assert loss.reach == 2
    assert loss.same(np.array([2.0])).tolist() == [1.0]
    assert loss.different(np.array([1.0, 2.5])).tolist() == [1.5, 0.0]


@pytest.mark.parametrize(
    ("options", "kind"),
    [("", "SoftmaxWithLoss"), ("distance_calculation: MANHATTAN", "ContrastiveLoss")],
)
def test_other_losses_are_not_of_pairs_in_euclidean_distance(options: str, kind: str) -> None:
    assert _loss(options, kind) is None
