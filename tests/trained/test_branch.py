"""Centroids of one branch are not measured through the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mycaffe_py.trained.class_means import means_of
from mycaffe_py.trained.final_weights import final_means
from mycaffe_py.trained.loaded_net import run_graph
from mycaffe_py.trained.snapshot import open_snapshot
from tests.conftest import Result

_DATA = """
layer { name: "a" type: "Data" top: "data" top: "label"
        transform_param { scale: 0.00390625 }
        data_param { source: "digits28.training" batch_size: 20 backend: IMAGEDB } }
"""
_BRANCH = """
layer { name: "ip%(s)s" type: "InnerProduct" bottom: "data" top: "feat%(s)s" %(when)s
        param { name: "%(w)s" } param { name: "%(w)s_b" }
        inner_product_param { num_output: 4 weight_filler { type: "xavier" } } }
"""
_ENDS = """
layer { name: "decode" type: "Decode" bottom: "feat%(s)s" bottom: "label" top: "decode"
        include { phase: TRAIN } decode_param { cache_size: 10 } }
layer { name: "decode" type: "Decode" bottom: "feat" bottom: "label" top: "decode"
        include { phase: RUN } decode_param { cache_size: 10 } }
layer { name: "quiet" type: "Silence" bottom: "decode" exclude { phase: RUN } }
layer { name: "loss" type: "TripletLoss" bottom: "feat%(s)s" bottom: "label" top: "loss"
        exclude { phase: RUN } triplet_loss_param { mining: BATCH_ALL margin: 0.4 } }
layer { name: "sunk" type: "Silence" bottom: "%(other)s" exclude { phase: RUN } }
"""


def _trained(mycaffe: Callable[..., Result], second: str, learner: str) -> tuple[Path, str]:
    """Snapshot and what was told: two branches, the other's weights are `second`'s.

    Decode learns from the branch `learner`.
    """
    first = _BRANCH % {"s": "", "w": "first", "when": ""}
    other = _BRANCH % {"s": "_p", "w": second, "when": "exclude { phase: RUN }"}
    ends = _ENDS % {"s": learner, "other": "feat" if learner else "feat_p"}
    Path("two.prototxt").write_text('name: "Two"' + _DATA + first + other + ends)
    Path("two.solver").write_text(
        'net: "two.prototxt" base_lr: 0.01 lr_policy: "fixed" max_iter: 4 snapshot_prefix: "two"'
    )
    result = mycaffe("train", "--solver", "two.solver", "--seed", "1")
    assert result.code == 0, result.err
    return Path("two_iter_4.caffemodel"), result.err


@pytest.mark.slow
def test_centroids_of_another_branch_are_kept_and_it_is_told(
    mycaffe: Callable[..., Result],
) -> None:
    weights, told = _trained(mycaffe, "second", "_p")
    snapshot = open_snapshot(weights)
    assert final_means(snapshot, run_graph(snapshot, 1)) is None
    assert "'decode' learned from 'feat_p', which is made without the weights of 'ip'" in told
    assert "the RUN net makes 'feat' with them" in told


@pytest.mark.slow
@pytest.mark.parametrize(("second", "learner"), [("second", ""), ("first", "_p")])
def test_its_own_branch_and_a_twin_are_measured(
    mycaffe: Callable[..., Result], second: str, learner: str
) -> None:
    snapshot = open_snapshot(_trained(mycaffe, second, learner)[0])
    assert len(means_of(snapshot, run_graph(snapshot, 1)).labels) == 10
