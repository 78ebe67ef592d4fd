"""How long a run is, however it is asked for; and a solver text named without --solver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SMALL_CLASSIFIER, SMALL_SIAMESE
from tests.solver.tiny import NET, SOLVER

Run = Callable[..., Any]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "tiny.prototxt").write_text(NET)
    (tmp_path / "tiny.solver").write_text(SOLVER)
    return tmp_path


def last(folder: Path) -> int:
    """The iteration of the last snapshot."""
    names = (folder / "snapshots").glob("tiny_iter_*.caffemodel")
    return max(int(path.stem.rpartition("_")[2]) for path in names)


@pytest.mark.parametrize("option", ["--max_iter=5", "--max-iter=5", "-max_iter=5"])
def test_max_iter_is_taken_as_iterations_and_said(mycaffe: Run, texts: Path, option: str) -> None:
    done = mycaffe("train", "--solver", "tiny.solver", option)
    assert done.code == 0, done.err
    assert "--max_iter is taken as --iterations 5\n" in done.out
    assert last(texts) == 5
    assert mycaffe("resume", "--max_iter", "7").code == 0
    assert last(texts) == 7


def test_a_solver_alone_is_taken_as_the_solver_and_said(mycaffe: Run, texts: Path) -> None:
    done = mycaffe("train", "tiny.solver", "--iterations", "3")
    assert done.code == 0, done.err
    assert "tiny.solver is taken as --solver tiny.solver\n" in done.out
    both = mycaffe("train", "tiny.solver", "--solver", "other.solver")
    assert (both.code, "stands alone beside --solver other.solver" in both.err) == (2, True)
    none = mycaffe("train")
    assert (none.code, "no solver text is named. Write mycaffe train --solver" in none.err) == (
        2, True,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("net", "images", "iterations"),
    # 1,437 pictures: 64 at a time; 32 pairs of two.
    [(SMALL_CLASSIFIER, 64, 23), (SMALL_SIAMESE, 64, 23)],
)
def test_epochs_are_counted_from_the_data_and_said(
    mycaffe: Run, tmp_path: Path, net: str, images: int, iterations: int
) -> None:
    (tmp_path / "n.prototxt").write_text(net)
    (tmp_path / "n.solver").write_text(
        'net: "n.prototxt" base_lr: 0.01 lr_policy: "fixed" max_iter: 500 snapshot_prefix: "n"'
    )
    done = mycaffe("train", "n.solver", "--epochs", "1")
    assert done.code == 0, done.err
    assert (
        f"--epochs 1 is taken as --iterations {iterations}: 1,437 items, {images} images an "
        "iteration\n"
    ) in done.out
    assert (tmp_path / f"n_iter_{iterations}.caffemodel").exists()


def test_epochs_without_counted_data_say_what_to_do(mycaffe: Run, texts: Path) -> None:
    done = mycaffe("train", "tiny.solver", "--epochs", "2")
    assert done.code == 2
    assert "whose images are counted. Say how long to train with --iterations N." in done.err
    assert mycaffe("train", "tiny.solver", "--epochs", "0").code == 2


def test_two_lengths_are_refused(mycaffe: Run, texts: Path) -> None:
    done = mycaffe("train", "tiny.solver", "--epochs", "2", "--iterations", "4")
    assert "--iterations and --epochs are both given" in done.err


def test_the_environment_shortens_a_new_run_and_says_so(
    mycaffe: Run, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYCAFFE_ITERATIONS", "4")
    done = mycaffe("train", "--solver", "tiny.solver", "--seed", "1")
    assert "MYCAFFE_ITERATIONS: this run stops after 4 of 12 iterations\n" in done.out
    assert last(texts) == 4
    assert mycaffe("train", "--solver", "tiny.solver", "--iterations", "6").code == 0
    assert last(texts) == 6
    assert mycaffe("resume", "--iterations", "12").code == 0
    monkeypatch.setenv("MYCAFFE_ITERATIONS", "100")
    longer = mycaffe("train", "--solver", "tiny.solver")
    assert "MYCAFFE_ITERATIONS" not in longer.out
    assert last(texts) == 12
    monkeypatch.setenv("MYCAFFE_ITERATIONS", "few")
    wrong = mycaffe("train", "--solver", "tiny.solver")
    assert wrong.code == 2
    assert "MYCAFFE_ITERATIONS is 'few'; it holds the number of iterations" in wrong.err


@pytest.mark.slow
def test_a_template_in_place_of_a_missing_model_is_said(mycaffe: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.solver").write_text(
        'net: "models/lenet.prototxt"\nbase_lr: 0.01 lr_policy: "fixed" max_iter: 1 test_iter: 1 '
        "test_interval: 9 test_initialization: false"
    )
    done = mycaffe("train", "mine.solver", "--threads", "1")
    assert (
        "mine.solver:1: there is no 'models/lenet.prototxt' here, so the template is used: "
    ) in done.out
    assert "template is used" not in mycaffe("explain", "solver", "lenet.solver").out
