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

_IP = """
layer { name: "ip_first%(s)s" type: "InnerProduct" bottom: "data" top: "ip%(s)s" %(when)s
        inner_product_param { num_output: 8 weight_filler { type: "xavier" } } }
layer { name: "relu%(s)s" type: "ReLU" bottom: "ip%(s)s" top: "ip%(s)s" %(when)s }
layer { name: "ip_last%(s)s" type: "InnerProduct" bottom: "ip%(s)s" top: "feat%(s)s" %(when)s
        inner_product_param { num_output: 4 weight_filler { type: "xavier" } } }
"""
_CONV = """
layer { name: "conv%(s)s" type: "Convolution" bottom: "data" top: "conv%(s)s" %(when)s
        convolution_param { num_output: 4 kernel_size: 5 weight_filler { type: "xavier" } } }
layer { name: "relu%(s)s" type: "ReLU" bottom: "conv%(s)s" top: "conv%(s)s" %(when)s }
layer { name: "pool%(s)s" type: "Pooling" bottom: "conv%(s)s" top: "pool%(s)s" %(when)s
        pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "last%(s)s" type: "InnerProduct" bottom: "pool%(s)s" top: "feat%(s)s" %(when)s
        param { name: "last" } param { name: "last_b" }
        inner_product_param { num_output: 4 weight_filler { type: "xavier" } } }
"""


def _trained(mycaffe: Callable[..., Result], second: str, learner: str) -> tuple[Path, str]:
    """Snapshot and what was told: two branches, the other's weights are `second`'s.

    Decode learns from the branch `learner`.
    """
    first = _BRANCH % {"s": "", "w": "first", "when": ""}
    other = _BRANCH % {"s": "_p", "w": second, "when": "exclude { phase: RUN }"}
    return _trained_on(mycaffe, first + other, learner)


def _trained_on(mycaffe: Callable[..., Result], branches: str, learner: str) -> tuple[Path, str]:
    ends = _ENDS % {"s": learner, "other": "feat" if learner else "feat_p"}
    Path("two.prototxt").write_text('name: "Two"' + _DATA + branches + ends)
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


def _both(branch: str) -> str:
    here, there = {"s": "", "when": ""}, {"s": "_p", "when": "exclude { phase: RUN }"}
    return branch % here + branch % there


@pytest.mark.slow
@pytest.mark.parametrize("branch", [_IP, _CONV])
def test_layers_that_the_compiler_joins_are_known_by_their_weights(
    mycaffe: Callable[..., Result], branch: str
) -> None:
    """'ip + relu' is the name of no layer of the training net, but its weights are."""
    weights, told = _trained_on(mycaffe, _both(branch), "")
    snapshot = open_snapshot(weights)
    assert "made without the weights" not in told
    assert len(means_of(snapshot, run_graph(snapshot, 1)).labels) == 10


@pytest.mark.slow
@pytest.mark.parametrize(("branch", "foreign"), [(_IP, "ip_last"), (_CONV, "conv")])
def test_other_weights_behind_joined_layers_are_told(
    mycaffe: Callable[..., Result], branch: str, foreign: str
) -> None:
    """The last layer of the second net shares its weights: what lies below must be looked at."""
    weights, told = _trained_on(mycaffe, _both(branch), "_p")
    snapshot = open_snapshot(weights)
    assert final_means(snapshot, run_graph(snapshot, 1)) is None
    assert f"which is made without the weights of '{foreign}'" in told
