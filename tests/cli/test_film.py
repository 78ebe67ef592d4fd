"""`mycaffe film` and `mycaffe plot`, from a training with --film to the pictures."""

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.evaluate.film.find import film_of_snapshot, show_of_snapshot
from mycaffe_py.installing import install_extra
from mycaffe_py.snapshot.film import film_path, read_film
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot, open_testing
from tests.conftest import SMALL_SIAMESE, SMALL_SOLVER, Result


@pytest.fixture
def run(mycaffe, tmp_path):
    """A short run with a film in the folder the commands run in."""
    (tmp_path / "small.prototxt").write_text(SMALL_SIAMESE)
    solver = SMALL_SOLVER.replace("NAME", "small").replace("TESTS", "")
    (tmp_path / "small.solver").write_text(solver.replace("snapshot: 150", "snapshot: 20"))
    done = mycaffe(
        "train", "--solver", "small.solver", "--seed", "1", "--iterations", "40", "--film", "10"
    )
    assert done.code == 0, done.err
    return mycaffe


@pytest.mark.slow
def test_a_film_is_rendered_where_its_run_is(run, tmp_path: Path) -> None:
    done = run("film", "--seconds", "0.6")
    assert done.code == 0, done.err
    assert done.out.startswith("9 frames, iterations 0 to 40\n")
    assert (tmp_path / "snapshots/small.html").is_file()
    with Image.open(tmp_path / "snapshots/small.gif") as image:
        assert image.n_frames == 8


@pytest.mark.slow
def test_a_film_up_to_a_snapshot(run, tmp_path: Path) -> None:
    done = run("film", "--snapshot", "snapshots/small_iter_20.caffemodel", "--out", "x.html")
    assert done.out.startswith("7 frames, iterations 0 to 20\n"), done.err
    done = run("film", "--run", "snapshots/small", "--out", "a.html", "--out", "b.HTML", "--dark")
    assert done.code == 0, done.err
    assert '"dark":true' in (tmp_path / "b.HTML").read_text()


@pytest.mark.slow
def test_a_plot_with_and_without_a_film_shows_the_same_map(run, tmp_path: Path) -> None:
    assert run("plot").out == "Map of the snapshot: snapshots/small_iter_40.map.png\n"
    snapshot = open_snapshot(tmp_path / "snapshots/small_iter_40.caffemodel")
    filmed = show_of_snapshot(snapshot)
    film = film_path(tmp_path / "snapshots/small")
    last = read_film(film).frames[-1]
    film.unlink()
    alone = show_of_snapshot(snapshot)
    assert (filmed.frames, alone.frames) == (9, 1)
    found = film_of_snapshot(snapshot).frames[0]
    assert np.array_equal(found.points, last.points)
    assert np.array_equal(found.centroids, last.centroids)
    assert alone.caption[0] == filmed.caption[0]
    assert "Large circles: the class means of the final features." in alone.caption[0]
    np.testing.assert_array_equal(alone.space.centroids[-1], filmed.space.centroids[-1])
    answers, counts = RunNet(snapshot, open_testing(snapshot), 1).centroids()
    assert counts.all() and not np.array_equal(answers, last.centroids)
    shown = np.linalg.norm(alone.space.centroids[-1][0] - alone.space.centroids[-1][1])
    assert shown <= np.linalg.norm(answers[0] - answers[1]) + 1e-4
    done = run("plot", "--snapshot", "snapshots/small_iter_40.solverstate", "--out", "x.png")
    assert done.out == "Map of the snapshot: x.png\n", done.err
    with Image.open(tmp_path / "x.png") as image:
        assert image.size == (1280, 720)


def test_a_classifier_has_a_map_too(
    mycaffe: Callable[..., Result], classifier_snapshot: Path, tmp_path: Path
) -> None:
    done = mycaffe("plot", "--snapshot", str(classifier_snapshot), "--out", "x.png")
    assert done.code == 0, done.err
    assert (tmp_path / "x.png").is_file()


@pytest.mark.slow
def test_mistakes_get_one_line(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, words in (
        (("film", "--out", "x.mp4"), "it ends with .gif, .webp, .html"),
        (("film", "--run", "none"), "there is no film 'none.film'"),
        (("film", "--seconds", "0"), "a film takes 0.5 to 120 seconds"),
        (("plot", "--out", "x.gif"), "it ends with .png"),
    ):
        done = run(*arguments)
        assert done.code == 2
        assert words in done.err
        assert done.err.count("\n") == 1
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "mycaffe_py.evaluate.pictures.run_picture.find_spec",
        lambda name: None if name == "matplotlib" else find(name),
    )
    for command in ("film", "plot"):
        done = run(command)
        assert install_extra("plot") in done.err
        assert done.code == 2  # as for every package that is not there
    assert (tmp_path / "snapshots/small.html").is_file()
    shutil.rmtree(tmp_path / "snapshots")
    assert "'mycaffe train --film' takes one" in run("film").err
