from dataclasses import replace

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.film.show import loss_curve, make_show, up_to
from mycaffe_py.snapshot.film import Frame
from tests.evaluate.film.made import made_film


def test_moments_between_frames_lie_on_straight_ways() -> None:
    film = made_film(3)
    show = make_show(film, "run")
    iteration, points, centroids = show.at(1.25)
    assert iteration == 12.5
    wanted = 0.75 * film.frames[1].points + 0.25 * film.frames[2].points
    assert points == pytest.approx(wanted, abs=1e-5)
    # Of the three classes one had a centroid in frame 1, two in frame 2.
    assert np.isfinite(centroids).all(axis=1).tolist() == [True, False, False]
    assert show.at(3)[0] == 30
    assert np.array_equal(show.at(3)[1], film.frames[3].points)


def test_without_decode_centroids_are_means() -> None:
    film = made_film(2, decodes=False)
    show = make_show(film, "run")
    means = [film.frames[3].points[7 * k : 7 * k + 7].mean(axis=0) for k in range(3)]
    assert show.space.centroids[3] == pytest.approx(np.asarray(means), abs=1e-5)
    assert "means of the points" in show.caption[0]


def test_words_name_sample_data_and_seed() -> None:
    show = make_show(made_film(10, stand_in="MNIST.testing"), "run")
    assert show.warning == "STAND-IN DATA: d.testing instead of MNIST.testing"
    words = " ".join(show.caption)
    for part in ("21 of 90 items of d.testing", "Seed 4", "10-D", "PCA", "% of its variance"):
        assert part in words
    assert make_show(made_film(2), "run").warning == ""


def test_axes_hold_the_later_half_and_tell_what_they_cut_off() -> None:
    film = made_film(2)
    show = make_show(film, "run")
    late = np.concatenate([f.points for f in film.frames[2:]])
    assert (late >= show.lower).all()
    assert (late <= show.upper).all()
    assert "farther out" not in show.caption[1]
    thrown = replace(film.frames[0], points=film.frames[0].points + 1000)
    cut = make_show(replace(film, frames=(thrown, *film.frames[1:])), "run")
    assert "In 1 early frames some points lie farther out" in cut.caption[1]
    assert (cut.upper - cut.lower).max() < 1.5 * (show.upper - show.lower).max()


def test_a_map_of_one_point_has_axes() -> None:
    film = made_film(2, 1)
    flat = replace(film.frames[0], points=np.full((21, 2), 3.0, np.float32))
    show = make_show(replace(film, frames=(flat,)), "run")
    assert (show.upper > show.lower).all()
    assert show.step > 0


def test_the_loss_curve_has_means_of_equal_stretches() -> None:
    none = np.empty((0, 2), np.float32)
    losses = np.arange(1, 1001, dtype=np.float32)
    frames = tuple(
        Frame(i, none, none, np.empty(0, int), losses[i - 100 : i]) for i in range(100, 1001, 100)
    )
    curve = loss_curve(frames)
    assert len(curve.values) == 334
    assert curve.values[0] == 2
    assert curve.iterations[0] == 2
    assert curve.values[-1] == 1000
    assert loss_curve(()).values == ()


def test_films_with_nothing_to_show() -> None:
    with pytest.raises(UserError, match="no frame to show"):
        make_show(up_to(made_film(2), -1), "run")
    film = made_film(2)
    wild = tuple(replace(f, points=f.points * np.nan) for f in film.frames)
    with pytest.raises(UserError, match="finite"):
        make_show(replace(film, frames=wild), "run")
    assert make_show(replace(film, frames=(*film.frames, wild[0])), "run").frames == 4
    assert [f.iteration for f in up_to(film, 15).frames] == [0, 10]
