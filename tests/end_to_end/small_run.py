"""A Siamese net small enough to train in seconds, with everything that has state."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NET = """
name: "small"
layer {
  name: "pairs" type: "Data" top: "pairs" top: "sim"
  transform_param { scale: 0.00390625 }
  data_param {
    source: "digits28.training" batch_size: 16 images_per_blob: 2 output_all_labels: true
    enable_random_selection: true
  }
}
layer {
  name: "slice" type: "Slice" bottom: "pairs" top: "a" top: "b" slice_param { slice_point: 1 }
}
layer {
  name: "ip" type: "InnerProduct" bottom: "a" top: "ip" param { name: "w" } param { name: "c" }
  inner_product_param { num_output: 8 weight_filler { type: "xavier" } }
}
layer { name: "drop" type: "Dropout" bottom: "ip" top: "ip" include { phase: TRAIN } }
layer {
  name: "feat" type: "InnerProduct" bottom: "ip" top: "feat"
  param { name: "fw" } param { name: "fc" }
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } }
}
layer {
  name: "decode" type: "Decode" bottom: "feat" bottom: "sim" top: "decode"
  decode_param { cache_size: 5 }
}
layer { name: "silence" type: "Silence" bottom: "decode" }
layer {
  name: "ip_b" type: "InnerProduct" bottom: "b" top: "ip_b"
  param { name: "w" } param { name: "c" }
  inner_product_param { num_output: 8 weight_filler { type: "xavier" } }
}
layer {
  name: "feat_b" type: "InnerProduct" bottom: "ip_b" top: "feat_b"
  param { name: "fw" } param { name: "fc" }
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } }
}
layer {
  name: "loss" type: "ContrastiveLoss" bottom: "feat" bottom: "feat_b" bottom: "sim" top: "loss"
  contrastive_loss_param { margin: 2 }
}
layer {
  name: "accuracy" type: "AccuracyEncoding" bottom: "feat" bottom: "sim" top: "accuracy"
  include { phase: TEST }
}
"""
SOLVER = """
net: "small.prototxt"
type: "Adam"
base_lr: 0.002
momentum: 0.9
lr_policy: "multistep"
gamma: 0.5
stepvalue: 100
stepvalue: 200
iter_size: 2
max_iter: 300
display: 25
test_interval: 100
test_iter: 3
snapshot: 20
snapshot_prefix: "snapshots/small"
random_seed: 3
"""
TRAIN = ("train", "--solver", "small.solver", "--threads", "1")


def write_texts(folder: Path) -> None:
    """Put both texts into `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.prototxt").write_text(NET)
    (folder / "small.solver").write_text(SOLVER)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start `mycaffe ARGUMENTS` in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "mycaffe_py", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def final_bytes(folder: Path) -> tuple[bytes, bytes]:
    """The weights and the state at max_iter."""
    found = folder / "snapshots" / "small_iter_300.caffemodel"
    return found.read_bytes(), found.with_suffix(".solverstate").read_bytes()
