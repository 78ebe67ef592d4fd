"""What a run says of its data before it begins."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.solver.data_words import data_lines
from mycaffe_py.solver.solver import Solver
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
    (line,) = data_lines(Solver(tiny_job(tmp_path, net=NET), 1))
    assert line.startswith("TRAIN data: 10 classes have fewer than images_per_label 200 images, ")
    enough = NET.replace("400", "4").replace("200", "2")
    assert data_lines(Solver(tiny_job(tmp_path, net=enough), 1)) == []
