"""Run cards survive writing and reading; damaged ones are told."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.run_card import DatasetCard, RunCard, TextCard, versions

CARD = RunCard(
    iteration=7,
    seed=3,
    solver=TextCard("a.solver", 'net: "a.prototxt"\n'),
    nets={"a.prototxt": TextCard("/x/a.prototxt", 'name: "ä"\n')},
    datasets=(DatasetCard("data", "TRAIN", "digits28.training", "ab", 5, 10, "MNIST.training"),),
    shapes={"data": (2, 1, 28, 28), "loss": ()},
    figures={"loss": 0.5, "tests": [{"iteration": 5, "net": 0, "accuracy": 0.25}]},
    versions=versions(),
)


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    CARD.write(tmp_path / "c.run.json")
    found = RunCard.read(tmp_path / "c.run.json")
    assert found == CARD
    assert found.stand_ins == [CARD.datasets[0]]


def test_numbers_that_json_lacks_become_null(tmp_path: Path) -> None:
    replace(CARD, figures={"loss": float("nan")}).write(tmp_path / "c.run.json")
    assert json.loads((tmp_path / "c.run.json").read_text())["figures"] == {"loss": None}


def test_a_missing_card(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no run card"):
        RunCard.read(tmp_path / "c.run.json")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: text.replace('"seed"', '"sed"'),
        lambda text: text.replace('"format": 1', '"format": 99'),
        lambda text: text.replace('"file"', '"fil"'),
    ],
)
def test_a_damaged_card(tmp_path: Path, spoil) -> None:
    path = tmp_path / "c.run.json"
    CARD.write(path)
    path.write_text(spoil(path.read_text()))
    with pytest.raises(UserError, match="is damaged"):
        RunCard.read(path)
