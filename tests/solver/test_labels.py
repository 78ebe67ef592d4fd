"""TEST data of another data set than TRAIN's: their labels meet by name."""

import math
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.layers.data.fed_layer import feed_of
from mycaffe_py.proto.templates import find_text
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.cards import make_card
from mycaffe_py.solver.data_words import data_lines
from mycaffe_py.solver.hooks.test import average_outputs
from tests.conftest import SMALL_SIAMESE
from tests.data.renamed import write_renamed
from tests.solver.tiny import tiny_job

CLASSIFIER = """
layer { name: "digits" type: "Data" top: "data" top: "label" include { phase: TRAIN }
  data_param { source: "digits28.training" batch_size: 16 } }
layer { name: "digits" type: "Data" top: "data" top: "label" include { phase: TEST }
  data_param { source: "digits28.testing" batch_size: 16 } }
layer { name: "score" type: "InnerProduct" bottom: "data" top: "score"
  inner_product_param { num_output: 10 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss" }
layer { name: "right" type: "Accuracy" bottom: "score" bottom: "label" top: "right"
  include { phase: TEST } }
"""
TESTED = "test_iter: 4 test_interval: 5 "


def solver_of(folder, text, testing):
    net = text.replace("digits28.testing", testing)
    return build_solver(tiny_job(folder, TESTED, net=net), 1)


def source_tested(solver):
    return feed_of(solver.test_nets[0].graph.nodes[0].plan.facts).source


@pytest.mark.parametrize("text", [CLASSIFIER, SMALL_SIAMESE])
def test_labels_of_test_get_the_numbers_of_train(tmp_path: Path, text) -> None:
    digits = open_source("digits28.testing")
    write_renamed("NEW", {7: "7", 3: "3"})
    solver = solver_of(tmp_path, text, "NEW.training")
    kept = digits.labels[np.isin(digits.labels, [7, 3])]
    assert np.array_equal(source_tested(solver).labels, kept)
    (line,) = data_lines(solver)
    assert line == (
        "TEST data: NEW.training numbers its classes otherwise than TRAIN; they are matched by "
        "name."
    )


@pytest.mark.parametrize("text", [CLASSIFIER, SMALL_SIAMESE])
def test_classes_that_train_has_not_are_set_aside_from_the_figures(tmp_path: Path, text) -> None:
    whole = write_renamed("MIXED", {7: "7", 3: "3", 5: "five"})
    solver = solver_of(tmp_path, text, "MIXED.training")
    five = int((whole.labels == 2).sum())
    assert len(source_tested(solver)) == len(whole) - five
    assert set(source_tested(solver).labels.tolist()) == {3, 7}
    assert data_lines(solver)[0] == (
        f"TEST data: {five} images of 1 class (five: {five}) in MIXED.training are set aside: "
        "TRAIN learns no such class."
    )


def test_a_classifier_without_a_class_to_measure_is_refused(tmp_path: Path) -> None:
    write_renamed("OTHERS", {7: "ring", 3: "bar"})
    match = (
        r"tiny\.prototxt:5: layer 'digits' \(Data\): no class of OTHERS\.training is one that the "
        r"TRAIN net learns \(0, 1, .*the others are"
    )
    with pytest.raises(UserError, match=match):
        solver_of(tmp_path, CLASSIFIER, "OTHERS.training")


def test_a_net_that_compares_is_tested_on_classes_of_any_kind(tmp_path: Path) -> None:
    """The protocol of metric learning: the loss is measured, an accuracy of unknown classes not."""
    write_renamed("OTHERS", {7: "ring", 3: "bar"})
    solver = solver_of(tmp_path, SMALL_SIAMESE, "OTHERS.training")
    (line,) = data_lines(solver)
    assert "OTHERS.training are of none that TRAIN learns" in line
    assert line.endswith("accuracy is not measured.")
    solver.step()
    means, _ = average_outputs(solver, solver.test_nets[0], 0, 4)
    assert math.isnan(means["accuracy"])
    assert means["loss"] > 0


def test_an_accuracy_is_the_mean_of_the_batches_that_have_one(tmp_path: Path) -> None:
    """One known class leaves no unlike pairs, so all stay; an accuracy passes over some."""
    write_renamed("ONE", {7: "7", 3: "bar"})
    solver = solver_of(
        tmp_path, SMALL_SIAMESE.replace("batch_size: 32", "batch_size: 1"), "ONE.training"
    )
    for _ in range(40):
        solver.step()
    means, _ = average_outputs(solver, solver.test_nets[0], 0, 12)
    assert 0 <= means["accuracy"] <= 1
    assert data_lines(solver)[0].endswith("accuracy is of the other classes alone.")


def test_names_that_are_the_numbers_change_nothing(tmp_path: Path) -> None:
    solver = solver_of(tmp_path, SMALL_SIAMESE, "digits28.testing")
    assert np.array_equal(source_tested(solver).labels, open_source("digits28.testing").labels)
    assert data_lines(solver) == []


def test_the_card_keeps_the_names_that_were_learned(tmp_path: Path) -> None:
    write_renamed("PETS", {7: "cat", 3: "dog"})
    net = SMALL_SIAMESE.replace("digits28.training", "PETS.training")
    card = make_card(solver_of(tmp_path, net, "PETS.training"))
    assert card.datasets[0].label_names == {0: "cat", 1: "dog"}
    path = tmp_path / "x.run.json"
    card.write(path)
    assert type(card).read(path).datasets == card.datasets


def test_a_test_source_that_is_the_train_source_is_told(tmp_path: Path) -> None:
    solver = solver_of(tmp_path, SMALL_SIAMESE, "digits28.training")
    assert data_lines(solver) == [
        "TEST data are those that TRAIN learns from (digits28.training): their figures say nothing "
        "about new ones."
    ]


def test_images_that_train_and_test_share_are_counted(tmp_path: Path) -> None:
    source = write_renamed("PART", {7: "7", 3: "3"})
    net = SMALL_SIAMESE.replace("digits28.training", "PART.training")
    lines = data_lines(solver_of(tmp_path, net, "digits28.testing"))
    assert (
        f"{len(source)} images of digits28.testing stand in PART.training too, such as" in lines[-1]
    )


def test_centroids_are_shown_though_some_numbers_have_no_class(tmp_path: Path) -> None:
    """Nobody waits for the centroid of a label that no image has, in TRAIN or in TEST."""
    digits = open_source("digits28.training")
    rows = np.flatnonzero(np.isin(digits.labels, [1, 3]))
    gaps = make_source("GAPS.training", digits.gather(rows), digits.labels[rows])
    write_dataset(dataset_path("GAPS"), "GAPS", {"training": gaps})
    net = SMALL_SIAMESE.replace("digits28.training", "GAPS.training").replace(
        'top: "decode"\n  decode_param { cache_size: 2 }',
        'top: "decode" top: "centers"\n'
        "  decode_param { cache_size: 1 centroid_output_iteration: 1 }",
    )
    solver = solver_of(tmp_path, net, "digits28.testing")
    for _ in range(4):
        solver.step()
    solver.test_nets[0].forward(0)
    for tried in (solver.net, solver.test_nets[0]):
        centers = tried.blob("centers").reshape(4, -1)
        assert centers[[1, 3]].any(axis=1).all()
        assert not centers[[0, 2]].any()
    assert len(source_tested(solver)) < len(open_source("digits28.testing"))


def test_labels_that_cannot_be_matched_by_name_are_told(tmp_path: Path) -> None:
    """TRAIN reads two data sets whose numbers mean different classes, and TEST neither's layer."""
    write_renamed("PETS", {7: "cat", 3: "dog"})
    second = """layer { name: "pets" type: "Data" top: "other" top: "kind" include { phase: TRAIN }
      data_param { source: "PETS.training" batch_size: 16 } }
    layer { name: "unused" type: "Silence" bottom: "other" bottom: "kind" include { phase: TRAIN } }
    """
    net = CLASSIFIER.replace(
        '"digits" type: "Data" top: "data" top: "label" include { phase: TEST',
        '"held" type: "Data" top: "data" top: "label" include { phase: TEST',
    )
    lines = data_lines(solver_of(tmp_path, second + net, "PETS.training"))
    assert lines[0].startswith("TEST data: the labels of PETS.training are taken by number")


def test_pairs_compared_by_plain_layers_are_tested_on_classes_of_any_kind(tmp_path: Path) -> None:
    """The verification net subtracts the labels of a pair; no loss of it knows that they are."""
    write_renamed("OTHERS", {7: "ring", 3: "bar"})
    text = find_text("siamese_28x28_verification", "model").read_text()
    text = text.replace("MNIST.", "digits28.").replace("batch_size: 100", "batch_size: 10")
    solver = solver_of(tmp_path, text, "OTHERS.training")
    means, _ = average_outputs(solver, solver.test_nets[0], 0, 2)
    assert means["loss"] > 0
