"""What is watched during a run is watched in all shards of a batch, whoever works on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.solver.hooks.hook import Event, Hook, Run
from mycaffe_py.solver.run import Start, train
from tests.solver.shards.threads import together
from tests.solver.tiny import tiny_job

# Batches of 16 in the order of the set, in 4 shards of 4.
NET = """
layer {{ name: "d" type: "Data" top: "x" top: "y" data_param {{ source: "S.training"
  batch_size: 16 enable_random_selection: false prefetch: 0 }} }}
layer {{ name: "ip" type: "InnerProduct" bottom: "x" top: "a"
  inner_product_param {{ num_output: 3 weight_filler {{ type: "constant" value: {weight} }} }} }}
layer {{ name: "loss" type: "TripletLoss" bottom: "a" bottom: "y" top: "loss"
  triplet_loss_param {{ mining: BATCH_HARD margin: 0.5 }} }}
"""
SOLVER = """
net: "tiny.prototxt" base_lr: 1e-9 lr_policy: "fixed" max_iter: 9 display: 4 shards: 4
snapshot_prefix: "out/tiny"
"""
PAIRS, APART = [0, 0, 1, 1], [2, 3, 4, 5]


class _Heard(Hook):
    writes = True

    def __init__(self) -> None:
        self.lines: list[str] = []

    def told(self, solver: Run, event: Event) -> None:
        if event.kind == "warning":
            self.lines.append(event.figures["line"])


def _lines(
    ranks: int, labels: list[int], weight: float = 0.01, bright: tuple[int, ...] = (0,) * 16
) -> list[str]:
    images = np.broadcast_to(np.array(bright, np.uint8)[:, None, None, None], (16, 1, 2, 2)).copy()
    source = make_source("S.training", images, np.array(labels))
    write_dataset(dataset_path("S"), "S", {"training": source})
    job = tiny_job(Path(), net=NET.format(weight=weight), solver=SOLVER)
    heard = _Heard()
    together(ranks, lambda team: train(job, Start(seed=1), team=team, hooks=[heard]))
    return heard.lines


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


SPREAD = tuple(range(0, 240, 15))


@pytest.mark.parametrize("ranks", [1, 2])
def test_triplets_in_the_first_shard_alone_do_not_hide_that_others_have_none(ranks: int) -> None:
    lines = _lines(ranks, PAIRS + APART * 3, bright=SPREAD)
    assert [line.partition(" (")[0] for line in lines] == [
        f"Warning: at iteration {number} layer 'loss'" for number in (4, 8)
    ]
    assert "no triplet in 12 of the last 16 shards of batches" in lines[1]
    assert "none of those holds two images of a class" in lines[1]


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_first_shard_without_is_no_word_worth(ranks: int) -> None:
    assert _lines(ranks, APART + PAIRS * 3, bright=SPREAD) == []


@pytest.mark.parametrize("ranks", [1, 2])
def test_features_on_one_point_in_each_shard_but_on_another_one_are_no_collapse(
    ranks: int,
) -> None:
    assert _lines(ranks, PAIRS * 4, bright=(0,) * 4 + (80,) * 4 + (160,) * 4 + (240,) * 4) == []


@pytest.mark.parametrize("ranks", [1, 2])
def test_features_on_one_point_in_all_shards_are_told_of_once(ranks: int) -> None:
    (line,) = _lines(ranks, PAIRS * 4, bright=(100,) * 16)
    assert "its features lie on one point (they spread by 0, the margin is 0.71)" in line
