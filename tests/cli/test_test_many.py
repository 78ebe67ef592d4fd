import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import Result
from tests.data.renamed import write_renamed

KEYS = {
    "accuracy", "n", "per_label", "confusion", "images_per_s", "dataset", "stand_in", "snapshot",
}  # fmt: skip


@pytest.fixture
def here(siamese_snapshot: Path, tmp_path: Path) -> Path:
    """A folder with the trained snapshot below it."""
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    return tmp_path


@pytest.mark.slow
def test_newest_snapshot_and_all_items(mycaffe: Callable[..., Result], here: Path) -> None:
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


def test_table_for_people(mycaffe: Callable[..., Result], here: Path) -> None:
    lines = mycaffe("test-many").out.splitlines()
    assert lines[0] == "snapshots/small_iter_150.caffemodel"
    assert " items of digits28.testing recognised, " in lines[1]
    assert lines[3].split() == ["label", "items", "wrong", "accuracy", "nearest", "wrong", "label"]
    assert [line.split()[0] for line in lines[4:14]] == [str(label) for label in range(10)]
    assert lines[15].startswith("confusion")


def test_some_items_are_the_same_each_time(mycaffe: Callable[..., Result], here: Path) -> None:
    first, second = (
        json.loads(mycaffe("test-many", "--items", "100", "--json").out) for _ in range(2)
    )
    assert first["n"] == 100
    assert first["confusion"] == second["confusion"]
    assert all(one["n"] > 0 for one in first["per_label"].values())


def test_another_source_and_a_named_snapshot(
    mycaffe: Callable[..., Result], siamese_snapshot: Path
) -> None:
    result = mycaffe(
        "test-many", "--snapshot", str(siamese_snapshot), "--source", "digits28.training", "--json"
    )
    assert json.loads(result.out)["dataset"] == "digits28.training"


def test_a_softmax_net_answers_with_its_highest_score(
    mycaffe: Callable[..., Result], classifier_snapshot: Path
) -> None:
    result = mycaffe("test-many", "--snapshot", str(classifier_snapshot), "--json")
    assert json.loads(result.out)["accuracy"] > 0.9


def test_sheet_of_mistakes(mycaffe: Callable[..., Result], here: Path) -> None:
    result = mycaffe("test-many", "--sheet", "errors.png")
    assert "mistakes drawn in errors.png" in result.out
    with Image.open(here / "errors.png") as sheet:
        assert sheet.width > 500


def test_every_report_names_the_stand_in(mycaffe: Callable[..., Result], here: Path) -> None:
    card = here / "snapshots/small_iter_150.run.json"
    text = json.loads(card.read_text())
    for dataset in text["datasets"]:
        dataset["stand_in_for"] = "MNIST.testing"
    card.write_text(json.dumps(text))
    assert json.loads(mycaffe("test-many", "--json").out)["stand_in"] is True
    assert "STAND-IN DATA: digits28.testing takes the place of MNIST.testing" in (
        mycaffe("test-many").out
    )


def test_changed_data_is_said(mycaffe: Callable[..., Result], here: Path) -> None:
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
def test_no_snapshot(mycaffe: Callable[..., Result], arguments, says: str) -> None:
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
def test_what_cannot_be_measured(
    mycaffe: Callable[..., Result], here: Path, arguments: tuple[str, ...], says: str
) -> None:
    result = mycaffe("test-many", *arguments)
    assert result.code == 2
    assert says in result.err


def test_a_snapshot_without_its_run_card(mycaffe: Callable[..., Result], here: Path) -> None:
    (here / "snapshots/small_iter_150.run.json").unlink()
    result = mycaffe("test-many")
    assert result.code == 2
    assert "there is no run card" in result.err


def test_a_cut_off_snapshot(mycaffe: Callable[..., Result], here: Path) -> None:
    weights = here / "snapshots/small_iter_150.caffemodel"
    weights.write_bytes(weights.read_bytes()[:1000])
    result = mycaffe("test-many")
    assert result.code == 2
    assert "is no caffemodel, or a damaged one" in result.err


def _measured(mycaffe, source):
    return json.loads(mycaffe("test-many", "--source", source, "--json").out)


def test_labels_of_another_data_set_are_matched_by_name(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    """A second folder with two of the classes numbers them 0 and 1, whatever the net calls them."""
    write_renamed("TWO", {7: "7", 3: "3"})
    found, all_ten = _measured(mycaffe, "TWO.training"), _measured(mycaffe, "digits28.testing")
    for name in ("7", "3"):
        for key in ("accuracy", "n"):
            assert found["per_label"][name][key] == all_ten["per_label"][name][key]
    assert found["n"] == found["per_label"]["7"]["n"] + found["per_label"]["3"]["n"]
    assert "set_aside" not in found


def test_items_of_classes_the_net_has_not_learned_are_set_aside(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    source = write_renamed("MIXED", {7: "7", 3: "three"})
    strange = int((source.labels == 1).sum())
    found = _measured(mycaffe, "MIXED.training")
    assert found["set_aside"] == {"three": strange}
    assert found["n"] == len(source) - strange
    seven = _measured(mycaffe, "digits28.testing")["per_label"]["7"]
    assert found["accuracy"] == pytest.approx(seven["accuracy"])
    result = mycaffe("test-many", "--source", "MIXED.training", "--sheet", "errors.png")
    assert (
        f"Set aside, of classes that the net has not learned: {strange} images of 1 class "
        f"(three: {strange})."
    ) in result.out
    refused = mycaffe("test-many", "--source", "MIXED.training", "--items", str(len(source)))
    assert f"{len(source) - strange} of them of classes that the net has learned" in refused.err


def test_a_source_without_a_known_class_is_refused(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    write_renamed("HELD_OUT", {7: "ring", 3: "bar"})
    result = mycaffe("test-many", "--source", "HELD_OUT.training")
    assert result.code == 2
    assert "HELD_OUT.training has no item of a class that" in result.err
    assert "'mycaffe enroll' adds a class by examples" in result.err
    assert "its classes are bar, ring" in result.err or "its classes are ring, bar" in result.err
    assert "(0, 1, 2, 3, 4, 5, 6, 7 and 2 more), matched by name" in result.err


def test_names_are_those_of_the_run_card_whatever_becomes_of_the_data_set(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    card = here / "snapshots/small_iter_150.run.json"
    text = json.loads(card.read_text())
    for dataset in text["datasets"]:
        dataset["source"] = "GONE.training"
        dataset["label_names"] = {str(n): f"digit {n}" for n in range(10)}
    card.write_text(json.dumps(text))
    write_renamed("TWO", {7: "digit 7", 3: "digit 3"})
    found = _measured(mycaffe, "TWO.training")
    assert set(found["per_label"]) >= {"digit 3", "digit 7"}
    assert found["accuracy"] > 0.4


def test_cards_without_names_take_those_of_the_data_set(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    card = here / "snapshots/small_iter_150.run.json"
    text = json.loads(card.read_text())
    for dataset in text["datasets"]:
        del dataset["label_names"]
    card.write_text(json.dumps(text))
    write_renamed("TWO", {7: "7", 3: "3"})
    assert _measured(mycaffe, "TWO.training")["accuracy"] > 0.4


def test_a_subset_has_the_labels_that_are_there(mycaffe: Callable[..., Result], here: Path) -> None:
    made = mycaffe(
        "dataset", "create", "subset", "digits28", "--labels", "0,2,5,7", "--name", "GAPS"
    )
    assert "4 labels" in made.out
    lines = mycaffe("test-many", "--source", "GAPS.testing").out.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("label")) + 1
    assert [line.split()[0] for line in lines[start : start + 4]] == ["0", "2", "5", "7"]
    assert lines[start + 4] == ""


def test_the_nearest_wrong_label_is_told_of_the_wrong_ones(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    found = json.loads(mycaffe("test-many", "--json").out)
    confusion = np.array(found["confusion"])
    np.fill_diagonal(confusion, 0)
    names = list(found["per_label"])
    lines = {line.split()[0]: line for line in mycaffe("test-many").out.splitlines()[4:14]}
    for row, name in zip(confusion, names, strict=True):
        if row.any():
            nearest = names[int(row.argmax())]
            assert found["per_label"][name]["nearest_wrong"] == nearest
            assert lines[name].endswith(f"{nearest} ({row.max()} of the {row.sum()} wrong)")
