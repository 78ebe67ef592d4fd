"""The run card of a solver."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.data.source import open_source
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.cards import make_card
from tests.solver.tiny import tiny_job

NET = """
name: "digits"
layer { name: "digits" type: "Data" top: "data" top: "label" include { phase: TRAIN }
  data_param { source: "digits28.training" batch_size: 4 prefetch: PREFETCH } }
layer { name: "digits" type: "Data" top: "data" top: "label" include { phase: TEST }
  data_param { source: "MNIST.testing" stand_in: "digits28.testing" batch_size: 2 } }
layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"
  inner_product_param { num_output: 10 } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" }
"""


@pytest.mark.parametrize("prefetch", [0, 3])
def test_a_card_tells_what_was_read(tmp_path: Path, digits_only: None, prefetch: int) -> None:
    net = NET.replace("PREFETCH", str(prefetch))
    solver = build_solver(tiny_job(tmp_path, "test_iter: 1 test_interval: 5", net=net), 9)
    card = make_card(solver)
    training, testing = card.datasets
    assert (training.phase, training.source) == ("TRAIN", "digits28.training")
    assert training.checksum == open_source("digits28.training").checksum
    assert training.stand_in_for == ""
    assert (testing.phase, testing.source) == ("TEST", "digits28.testing")
    assert testing.stand_in_for == "MNIST.testing"
    assert testing.items == len(open_source("digits28.testing"))
    assert card.stand_ins == [testing]
    assert tuple(card.shapes["data"]) == (2, 1, 28, 28)
    assert (card.seed, card.iteration) == (9, 0)
