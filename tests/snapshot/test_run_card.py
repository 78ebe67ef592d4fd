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
        lambda text: text.replace('"iteration": 7', '"iteration": Infinity'),
        lambda text: text.replace('"seed": 3', '"seed": 1e400'),
        lambda text: text.replace('"a.prototxt": {', '"a.prototxt": [{').replace("},\n ", "}],\n "),
        lambda text: text.replace('"net": 0', '"net": "x"'),
        lambda text: text.replace('"tests": [', '"tests": [1,'),
        lambda text: text.replace('"versions": {', '"versions": {"a": [],'),
        lambda text: text.replace('"loss": []', '"loss": [-1]'),
        lambda text: text.replace('"loss": 0.5', '"loss": ' + "[" * 99999),
        lambda text: "\ufffe" + text,
    ],
)
def test_a_damaged_card(tmp_path: Path, spoil) -> None:
    path = tmp_path / "c.run.json"
    CARD.write(path)
    path.write_text(spoil(path.read_text()))
    with pytest.raises(UserError, match="is damaged"):
        RunCard.read(path)


def test_a_field_of_the_wrong_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "c.run.json"
    CARD.write(path)
    path.write_text(path.read_text().replace('"file": "a.solver"', '"file": 3'))
    with pytest.raises(UserError, match=r"damaged \(solver.file: a text was expected, 3 found\)"):
        RunCard.read(path)


def test_what_a_later_version_tells_besides_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "c.run.json"
    CARD.write(path)
    raw = json.loads(path.read_text())
    raw["datasets"][0]["later"] = raw["solver"]["later"] = raw["later"] = [1]
    path.write_text(json.dumps(raw))
    assert RunCard.read(path) == CARD
