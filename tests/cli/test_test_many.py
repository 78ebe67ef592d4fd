import json
import shutil

import numpy as np
import pytest
from PIL import Image

KEYS = {
    "accuracy", "n", "per_label", "confusion", "images_per_s", "dataset", "stand_in", "snapshot",
}  # fmt: skip


@pytest.fixture
def here(siamese_snapshot, tmp_path):
    """A folder with the trained snapshot below it."""
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    return tmp_path


def test_newest_snapshot_and_all_items(mycaffe, here):
    result = mycaffe("test-many", "--json")
    assert result.code == 0
    found = json.loads(result.out)
    assert set(found) == KEYS
    confusion = np.array(found["confusion"])
    assert found["n"] == confusion.sum() == sum(one["n"] for one in found["per_label"].values())
    assert found["accuracy"] == pytest.approx(np.trace(confusion) / found["n"])
    # Ten digits in 150 steps of one linear layer: seeds 1 to 8 gave 0.56 to 0.76.
    assert found["accuracy"] > 0.4
    assert (found["dataset"], found["stand_in"]) == ("digits28.testing", False)
    assert found["snapshot"] == "snapshots/small_iter_150.caffemodel"
    assert found["images_per_s"] > 0


def test_table_for_people(mycaffe, here):
    lines = mycaffe("test-many").out.splitlines()
    assert lines[0] == "snapshots/small_iter_150.caffemodel"
    assert " items of digits28.testing recognised, " in lines[1]
    assert lines[3].split() == ["label", "items", "wrong", "accuracy", "nearest", "wrong", "label"]
    assert [line.split()[0] for line in lines[4:14]] == [str(label) for label in range(10)]
    assert lines[15].startswith("confusion")


def test_some_items_are_the_same_each_time(mycaffe, here):
    first, second = (
        json.loads(mycaffe("test-many", "--items", "100", "--json").out) for _ in range(2)
    )
    assert first["n"] == 100
    assert first["confusion"] == second["confusion"]
    assert all(one["n"] > 0 for one in first["per_label"].values())


def test_another_source_and_a_named_snapshot(mycaffe, siamese_snapshot):
    result = mycaffe(
        "test-many", "--snapshot", str(siamese_snapshot), "--source", "digits28.training", "--json"
    )
    assert json.loads(result.out)["dataset"] == "digits28.training"


def test_a_softmax_net_answers_with_its_highest_score(mycaffe, classifier_snapshot):
    result = mycaffe("test-many", "--snapshot", str(classifier_snapshot), "--json")
    assert json.loads(result.out)["accuracy"] > 0.9


def test_sheet_of_mistakes(mycaffe, here):
    result = mycaffe("test-many", "--sheet", "errors.png")
    assert "mistakes drawn in errors.png" in result.out
    with Image.open(here / "errors.png") as sheet:
        assert sheet.width > 500


def test_every_report_names_the_stand_in(mycaffe, here):
    card = here / "snapshots/small_iter_150.run.json"
    text = json.loads(card.read_text())
    for dataset in text["datasets"]:
        dataset["stand_in_for"] = "MNIST.testing"
    card.write_text(json.dumps(text))
    assert json.loads(mycaffe("test-many", "--json").out)["stand_in"] is True
    assert "STAND-IN DATA: digits28.testing takes the place of MNIST.testing" in (
        mycaffe("test-many").out
    )


def test_changed_data_is_said(mycaffe, here):
    card = here / "snapshots/small_iter_150.run.json"
    text = json.loads(card.read_text())
    for dataset in text["datasets"]:
        dataset["checksum"] = "0" * 64
    card.write_text(json.dumps(text))
    assert "The data of digits28.testing has changed" in mycaffe("test-many").err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "there is no *_iter_*.caffemodel below"),
        (("--snapshot", "nosuch.caffemodel"), "there is no snapshot 'nosuch.caffemodel'"),
    ],
)
def test_no_snapshot(mycaffe, arguments, says):
    result = mycaffe("test-many", *arguments)
    assert result.code == 2
    assert says in result.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--items", "0"), "0 items are asked for"),
        (("--items", "99999"), "99999 items are asked for"),
        (("--source", "digits28.tests"), "has no split 'tests'. Did you mean 'testing'?"),
    ],
)
def test_what_cannot_be_measured(mycaffe, here, arguments, says):
    result = mycaffe("test-many", *arguments)
    assert result.code == 2
    assert says in result.err


def test_a_snapshot_without_its_run_card(mycaffe, here):
    (here / "snapshots/small_iter_150.run.json").unlink()
    result = mycaffe("test-many")
    assert result.code == 2
    assert "there is no run card" in result.err


def test_a_cut_off_snapshot(mycaffe, here):
    weights = here / "snapshots/small_iter_150.caffemodel"
    weights.write_bytes(weights.read_bytes()[:1000])
    result = mycaffe("test-many")
    assert result.code == 2
    assert "is no caffemodel, or a damaged one" in result.err
