"""What a run says of its data before it begins."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.data_words import data_lines
from tests.solver.tiny import tiny_job

NET = """
layer { name: "digits" type: "Data" top: "data" top: "label"
  data_param { source: "digits28.training" backend: IMAGEDB batch_size: 400 labels_per_batch: 2
    images_per_label: 200 } }
layer { name: "feat" type: "InnerProduct" bottom: "data" top: "feat"
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "TripletLoss" bottom: "feat" bottom: "label" top: "loss"
  triplet_loss_param { mining: BATCH_HARD } }
"""


def test_classes_with_fewer_images_than_a_batch_takes_are_told(tmp_path: Path) -> None:
    (line,) = data_lines(build_solver(tiny_job(tmp_path, net=NET), 1))
    assert line.startswith("TRAIN data: 10 classes have fewer than images_per_label 200 images, ")
    enough = NET.replace("400", "4").replace("200", "2")
    assert data_lines(build_solver(tiny_job(tmp_path, net=enough), 1)) == []


PAIRS = """
layer { name: "digits" type: "Data" top: "pair" top: "labels" data_param {
  source: "digits28.training" backend: IMAGEDB batch_size: 4 images_per_blob: 2
  output_all_labels: true } }
layer { name: "slice" type: "Slice" bottom: "pair" top: "a" top: "b" }
layer { name: "feat" type: "InnerProduct" bottom: "a" top: "feat" param { name: "w" }
  inner_product_param { num_output: 2 bias_term: false weight_filler { type: "xavier" } } }
layer { name: "feat_p" type: "InnerProduct" bottom: "b" top: "feat_p" param { name: "w" }
  inner_product_param { num_output: 2 bias_term: false weight_filler { type: "xavier" } } }
layer { name: "decode" type: "Decode" bottom: "feat" bottom: "labels" top: "distances"
  top: "means" }
layer { name: "quiet" type: "Silence" bottom: "distances" }
layer { name: "loss" type: "ContrastiveLoss" bottom: "feat" bottom: "feat_p" bottom: "labels"
  bottom: "means" top: "loss" contrastive_loss_param { margin: 1 } }
"""


def test_centroids_that_no_pair_uses_are_told(tmp_path: Path) -> None:
    (line,) = data_lines(build_solver(tiny_job(tmp_path, net=PAIRS), 1))
    assert line == (
        "Layer 'loss' (ContrastiveLoss) does not use its fourth bottom 'means': centroids count "
        "with centroid_learning: MATCHING, NONMATCHING or ALL."
    )
    used = PAIRS.replace("margin: 1", "margin: 1 centroid_learning: ALL")
    assert data_lines(build_solver(tiny_job(tmp_path, net=used), 1)) == []


def _digits(name: str, phase: str, split: str) -> str:
    return (
        f'layer {{ name: "{name}" type: "Data" top: "{name}" top: "{name}_label"\n'
        f"  include {{ phase: {phase} }}\n"
        f'  data_param {{ source: "digits28.{split}" batch_size: 4 }} }}\n'
    )


def test_a_source_that_two_layers_of_a_test_net_read_has_no_doubles_in_itself(
    tmp_path: Path,
) -> None:
    rest = NET[NET.index('layer { name: "feat"') :].replace('"data"', '"a"')
    rest = rest.replace('"label"', '"a_label"').replace("BATCH_HARD", "BATCH_ALL")
    net = _digits("a", "TRAIN", "training") + _digits("a", "TEST", "testing")
    net += _digits("b", "TEST", "testing") + rest
    job = tiny_job(tmp_path, "test_iter: 1 test_interval: 1", net=net)
    assert data_lines(build_solver(job, 1)) == []
