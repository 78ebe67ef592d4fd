"""Weights and snapshots of another run: their label numbers are not ours."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.learned_before import forget_other_classes, names_beside
from mycaffe_py.solver.saving import load
from tests.conftest import SMALL_SIAMESE, Result
from tests.data.renamed import write_renamed
from tests.solver.tiny import tiny_job


@pytest.fixture
def weights(siamese_snapshot: Path, tmp_path: Path) -> Path:
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    return tmp_path / "snapshots" / siamese_snapshot.name


def test_the_card_beside_weights_tells_what_was_learned(weights: Path, tmp_path: Path) -> None:
    assert names_beside(weights)[""] == {n: str(n) for n in range(10)}
    assert names_beside(tmp_path / "zoo.bin") == {}
    assert names_beside(tmp_path / "zoo.caffemodel") == {}


def _solver(tmp_path, training):
    net = SMALL_SIAMESE.replace("digits28.training", training)
    return build_solver(tiny_job(tmp_path, net=net), 1)


def _counts(solver):
    (node,) = (node for node in solver.net.graph.nodes if node.layer.type == "Decode")
    return solver.net.values[node.params[2]].reshape(-1)


def test_centroids_of_classes_of_other_names_begin_anew(weights: Path, tmp_path: Path) -> None:
    names = {digit: f"shape {digit}" for digit in range(10)}
    write_renamed("SHAPES", names)
    solver = _solver(tmp_path, "SHAPES.training")
    load(solver, weights)
    assert _counts(solver).all()
    (line,) = forget_other_classes(solver.net, [weights])
    assert line.endswith("0 is '0' there and 'shape 0' here. Centroids begin anew.")
    assert not _counts(solver).any()


def test_centroids_of_the_same_classes_go_on(weights: Path, tmp_path: Path) -> None:
    solver = _solver(tmp_path, "digits28.training")
    load(solver, weights)
    assert forget_other_classes(solver.net, [weights]) == []
    assert _counts(solver).all()


def test_caffes_test_matches_by_the_names_beside_the_weights(
    mycaffe: Callable[..., Result], weights: Path, tmp_path: Path
) -> None:
    write_renamed("TWO", {7: "7", 3: "3"})
    (tmp_path / "two.prototxt").write_text(
        SMALL_SIAMESE.replace("digits28.testing", "TWO.training")
    )
    model = ("test", "--model", "two.prototxt", "--weights", str(weights), "--iterations", "4")
    named = mycaffe(*model)
    assert named.code == 0, named.err
    assert "TWO.training numbers its classes otherwise than TRAIN" in named.err
    card = weights.with_name("small_iter_150.run.json")
    text = json.loads(card.read_text())
    for dataset in text["datasets"]:
        dataset["label_names"] = {}
    card.write_text(json.dumps(text))
    by_number = mycaffe(*model)

    def accuracy(done):
        return float(done.out.split("\naccuracy = ")[-1].split()[0])

    assert accuracy(named) > 0.4 > accuracy(by_number)
    assert np.isfinite(accuracy(named))
