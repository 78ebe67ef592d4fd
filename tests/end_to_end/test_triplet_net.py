"""A triplet net, written as MyCaffe writes one, learns to tell digits apart."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Result

DATA = """
layer
{
   name: "data" type: "Data" top: "data1" top: "label"
   include
   {
      phase: PHASE
   }
   transform_param
   {
      scale: 0.00390625
      use_imagedb_mean: True
      color_order: RGB
      distortion_param
      {
         option
         {
            active: False
         }
         active: False
         brightness_prob: 0
         use_gpu: True
         random_seed: 0
      }
      mask_param
      {
         option
         {
            active: False
         }
         boundary_left: 0
      }
      label_mapping
      {
         option
         {
            active: False
         }
      }
   }
   data_param
   {
      source: "digits28.SOURCE" batch_size: 64 backend: IMAGEDB enable_random_selection: True
   }
}
"""
SEQUENCE = """
layer
{
   name: "dataseq1" type: "DataSequence" bottom: "data1" bottom: "label"
   top: "data" top: "pos" top: "neg" top: "lbl"
   exclude
   {
      phase: RUN
   }
   data_sequence_param
   {
      cache_size: 64
      k: 1
      output_labels: True
      label_count: 10
      label_start: 0
      balance_matches: False
   }
}
"""
BRANCH = """
layer
{
   name: "ip1END" type: "InnerProduct" bottom: "INPUT" top: "ip1END"
   param { name: "ip1_w" lr_mult: 1 } param { name: "ip1_b" lr_mult: 2 } RULE
   inner_product_param
   {
      num_output: 64
      bias_term: True
      weight_filler { type: "xavier" variance_norm: FAN_IN }
      bias_filler { type: "constant" value: 0 }
      axis: 1
   }
}
layer
{
   name: "relu1END" type: "ReLU" bottom: "ip1END" top: "ip1END" RULE
}
layer
{
   name: "dropout1END" type: "Dropout" bottom: "ip1END" top: "ip1END" RULE
   dropout_param { dropout_ratio: 0.3 }
}
layer
{
   name: "featEND" type: "InnerProduct" bottom: "ip1END" top: "OUTPUT"
   param { name: "feat_w" lr_mult: 1 } param { name: "feat_b" lr_mult: 2 } RULE
   inner_product_param { num_output: 4 weight_filler { type: "xavier" } }
}
"""
REST = """
layer
{
   name: "decode1" type: "Decode" bottom: "fa" bottom: "lbl" top: "decode1"
   decode_param
   {
      centroid_output_iteration: 100
      enable_centroid_update: True
      cache_size: 10
      output_centroids: False
      target: CENTROID
      pregen_alpha: 5
      pregen_label_count: 10
      k: 5
   }
}
layer
{
   name: "silence2" type: "Silence" bottom: "decode1"
   include
   {
      phase: TRAIN
   }
}
layer
{
   name: "loss1" type: "TripletLoss" bottom: "fa" bottom: "fp" bottom: "fn" bottom: "lbl"
   top: "loss1"
   exclude
   {
      phase: RUN
   }
   loss_param
   {
      normalization: VALID
   }
   triplet_loss_param
   {
      alpha: 5
      pregen_label_start: 0
   }
}
layer
{
   name: "accuracy1" type: "AccuracyDecode" bottom: "decode1" bottom: "lbl" top: "accuracy1"
   include
   {
      phase: TEST
   }
}
"""
SOLVER = """
net: "triplet.prototxt" type: "Adam" base_lr: 0.001 momentum: 0.9 momentum2: 0.999
lr_policy: "fixed" max_iter: 200 display: 100 test_interval: 200 test_iter: 10
test_initialization: True snapshot: 200 snapshot_prefix: "snapshots/triplet" random_seed: 1
"""


def _branch(end: str, bottom: str, top: str) -> str:
    rule = "exclude { phase: RUN }" if end else ""
    text = BRANCH.replace("END", end).replace("INPUT", bottom).replace("OUTPUT", top)
    return text.replace("RULE", rule)


def _net() -> str:
    sources = (("TRAIN", "training"), ("TEST", "testing"))
    data = [DATA.replace("PHASE", phase).replace("SOURCE", name) for phase, name in sources]
    branches = [_branch("", "data", "fa"), _branch("_p", "pos", "fp"), _branch("_n", "neg", "fn")]
    return 'name: "TripletNet"\n' + "".join([*data, SEQUENCE, *branches, REST])


@pytest.fixture
def trained(mycaffe: Callable[..., Result]) -> Result:
    """200 iterations in the current folder."""
    Path("triplet.prototxt").write_text(_net())
    Path("triplet.solver").write_text(SOLVER)
    done = mycaffe("train", "--solver", "triplet.solver", "--threads", "1")
    assert done.code == 0, done.err
    return done


@pytest.mark.slow
def test_accuracy_rises_well_above_chance(trained: Result, mycaffe: Callable[..., Result]) -> None:
    """Chance is 0.1."""
    found = [float(x) for x in re.findall(r"accuracy1 = ([0-9.]+)", trained.out)]
    assert found[0] < 0.3
    assert found[-1] > 0.8
    whole = json.loads(mycaffe("test-many", "--threads", "1", "--json").out)
    assert whole["accuracy"] > 0.8
