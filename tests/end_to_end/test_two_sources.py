"""Sketches and photos in one map: a net of two towers learns, and goes on with the same bits."""

import re
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.snapshot.weights import read_weights

pytestmark = pytest.mark.slow


def _layers(phase: str, split: str) -> str:
    batch = "batch_size: 30"
    balanced = "label_balancing: true" if phase == "TRAIN" else ""
    return f"""
layer {{
  name: "sketches" type: "Data" top: "data" top: "label" include {{ phase: {phase} }}
  transform_param {{ mean_value: 255 scale: -0.00390625 }}
  data_param {{ source: "digits28.{split}" {batch} {balanced} }}
}}
layer {{
  name: "photos" type: "Data" top: "photo" top: "photo_label" include {{ phase: {phase} }}
  transform_param {{ scale: 0.00390625 }}
  data_param {{
    source: "digits28.{split}" {batch} primary_data: false synchronize_with: "sketches"
  }}
}}
"""


def _tower(name: str, bottom: str, weights: str, top: str, rules: str) -> str:
    return f"""
layer {{
  name: "{name}" type: "InnerProduct" bottom: "{bottom}" top: "{name}" {rules}
  param {{ name: "{weights}" }} inner_product_param {{
    num_output: 24 bias_term: false weight_filler {{ type: "xavier" }}
  }}
}}
layer {{ name: "{top}" type: "Normalization1" bottom: "{name}" top: "{top}" {rules} }}
"""


OUTSIDE = "exclude { phase: RUN }"
REST = f"""
layer {{
  name: "feats" type: "Concat" bottom: "feat" bottom: "feat_p" top: "feats" {OUTSIDE}
  concat_param {{ axis: 0 }}
}}
layer {{
  name: "labels" type: "Concat" bottom: "label" bottom: "photo_label" top: "labels" {OUTSIDE}
  concat_param {{ axis: 0 }}
}}
layer {{
  name: "loss" type: "TripletLoss" bottom: "feats" bottom: "labels" top: "loss" {OUTSIDE}
  triplet_loss_param {{ mining: BATCH_ALL margin: 0.4 }}
}}
layer {{
  name: "decode" type: "Decode" bottom: "feat" bottom: "label" top: "decode"
  param {{ name: "c" }} param {{ name: "s" }} param {{ name: "n" }}
}}
layer {{
  name: "decode_p" type: "Decode" bottom: "feat_p" bottom: "photo_label" top: "decode_p"
  param {{ name: "c" }} param {{ name: "s" }} param {{ name: "n" }} include {{ phase: TEST }}
}}
layer {{
  name: "accuracy_photos" type: "AccuracyEncoding" bottom: "feat_p" bottom: "photo_label"
  top: "accuracy_photos" include {{ phase: TEST }}
}}
"""
SOLVER = """
net: "towers.prototxt" type: "Adam" base_lr: 0.002 momentum: 0.9 lr_policy: "fixed" max_iter: 120
display: 60 test_iter: 12 test_interval: 120 test_initialization: false
snapshot: 60 snapshot_prefix: "snapshots/towers"
"""


def _write(tied: bool) -> None:
    sketch, photo = ("w", "w") if tied else ("sketch_w", "photo_w")
    text = _layers("TRAIN", "training") + _layers("TEST", "testing")
    text += _tower("ip", "data", sketch, "feat", "")
    text += _tower("ip_p", "photo", photo, "feat_p", OUTSIDE) + REST
    Path("towers.prototxt").write_text(text)
    Path("towers.solver").write_text(SOLVER)


def _weights(iteration: int) -> dict[str, np.ndarray]:
    layers = read_weights(Path(f"snapshots/towers_iter_{iteration}.caffemodel")).layers
    return {name: blobs[0].array.copy() for name, blobs in layers.items() if blobs}


def test_photos_lie_at_the_sketches_of_their_class_and_a_resumed_run_has_the_same_bits(
    mycaffe,
) -> None:
    _write(tied=False)
    whole = mycaffe("train", "--solver", "towers.solver", "--seed", "3")
    assert whole.code == 0, whole.err
    # By chance it is 0.1: photos are compared with centroids of sketches, their negatives.
    (accuracy,) = re.findall(r"accuracy_photos = ([\d.]+)", whole.out + whole.err)
    assert float(accuracy) > 0.8
    wanted = _weights(120)
    assert not np.array_equal(wanted["ip"], wanted["ip_p"])
    Path("snapshots/towers_iter_120.caffemodel").unlink()
    state = "snapshots/towers_iter_60.solverstate"
    resumed = mycaffe("train", "--solver", "towers.solver", "--snapshot", state, "--seed", "3")
    assert resumed.code == 0, resumed.err
    found = _weights(120)
    assert all(np.array_equal(found[name], wanted[name]) for name in wanted)


def test_towers_whose_parameters_have_one_name_are_one(mycaffe) -> None:
    _write(tied=True)
    assert mycaffe("train", "--solver", "towers.solver", "--seed", "3").code == 0
    found = _weights(120)
    assert np.array_equal(found["ip"], found["ip_p"])
