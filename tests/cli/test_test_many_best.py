"""test-many --best measures the snapshot that train --keep-best kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SMALL_SIAMESE, SMALL_SOLVER

Run = Callable[..., Any]


@pytest.fixture
def trained(mycaffe: Run, tmp_path: Path) -> Path:
    (tmp_path / "small.prototxt").write_text(SMALL_SIAMESE)
    tests = 'test_iter: 2 test_interval: 10 keep_best: "accuracy"'
    text = SMALL_SOLVER.replace("NAME", "small").replace("TESTS", tests)
    (tmp_path / "small.solver").write_text(text)
    arguments = ("--seed", "1", "--iterations", "45", "--threads", "1")
    done = mycaffe("train", "--solver", "small.solver", *arguments)
    assert done.code == 0, done.err
    return tmp_path / "snapshots"


@pytest.mark.slow
def test_the_best_is_measured_and_said_to_be_chosen_on_its_items(
    mycaffe: Run, trained: Path
) -> None:
    card = json.loads((trained / "small_iter_45.run.json").read_text())["best"]
    newest = json.loads(mycaffe("test-many", "--json").out)
    assert newest["snapshot"].endswith("small_iter_45.caffemodel")
    found = mycaffe("test-many", "--best", "--threads", "1")
    assert f"small_iter_{card['iteration']}.caffemodel" in found.out
    assert f"chosen on these items, by the best accuracy of {card['tests']} tests" in found.out
    assert json.loads(mycaffe("test-many", "--best", "--json").out)["chosen_on_these_items"]
    others = mycaffe("test-many", "--best", "--source", "digits28.training")
    assert "chosen on these items" not in others.out
    assert "chosen on these items" not in mycaffe("test-many").out


def test_a_run_that_kept_none_says_how_to(mycaffe: Run, siamese_snapshot: Path) -> None:
    done = mycaffe("test-many", "--best", "--snapshot", str(siamese_snapshot))
    assert done.code == 2
    assert "kept no best snapshot. Train with --keep-best" in done.err
