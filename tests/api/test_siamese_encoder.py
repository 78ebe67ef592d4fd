"""The estimator: what scikit-learn asks of it, tables and images, seeds, copies, bad input."""

from __future__ import annotations

import doctest
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from mycaffe_py.api import siamese_encoder
from mycaffe_py.sklearn import SiameseEncoder
from mycaffe_py.trained.snapshot import open_snapshot

CHECKS = list(estimator_checks_generator(SiameseEncoder(max_iter=60)))
QUICK: dict[str, Any] = {"max_iter": 40, "hidden": (32,), "n_components": 6, "random_state": 1}


@pytest.fixture(scope="module")
def digits() -> Any:
    return load_digits()


@pytest.fixture(scope="module")
def fitted(digits: Any) -> SiameseEncoder:
    return SiameseEncoder(**QUICK).fit(digits.data[:400], digits.target[:400])


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CHECKS)), ids=[c[1].func.__name__ for c in CHECKS])
def test_scikit_learn_finds_nothing_wrong(number: int) -> None:
    encoder, check = CHECKS[number]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(encoder)


@pytest.mark.slow
def test_the_example_of_its_docstring_runs() -> None:
    assert doctest.testmod(siamese_encoder) == (0, 6)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["table", "images", "bytes"])
def test_digits_are_told_apart_with_the_defaults(digits: Any, kind: str) -> None:
    X = {
        "table": digits.data,
        "images": digits.images,
        "bytes": digits.images.astype(np.uint8)[..., np.newaxis],
    }[kind]
    here, there, y, answers = train_test_split(X, digits.target, random_state=0)
    assert SiameseEncoder(random_state=0).fit(here, y).score(there, answers) >= 0.95


def test_the_same_seed_gives_the_same_bits_on_any_number_of_threads(
    digits: Any, fitted: SiameseEncoder
) -> None:
    again = SiameseEncoder(**QUICK, threads=1).fit(digits.data[:400], digits.target[:400])
    assert np.array_equal(fitted.transform(digits.data), again.transform(digits.data))
    other = SiameseEncoder(**{**QUICK, "random_state": 2}).fit(
        digits.data[:400], digits.target[:400]
    )
    assert not np.array_equal(fitted.transform(digits.data), other.transform(digits.data))


def test_a_copy_by_pickle_answers_alike_and_a_clone_has_learned_nothing(
    digits: Any, fitted: SiameseEncoder
) -> None:
    copy = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(copy.transform(digits.data[:50]), fitted.transform(digits.data[:50]))
    with pytest.raises(NotFittedError):
        clone(fitted).predict(digits.data[:1])


def test_several_threads_may_ask_at_once(digits: Any, fitted: SiameseEncoder) -> None:
    parts = np.array_split(digits.data, 8)
    found = Parallel(n_jobs=4, backend="threading")(delayed(fitted.predict)(p) for p in parts)
    assert np.array_equal(np.concatenate(found), fitted.predict(digits.data))


def test_points_have_length_1_and_names(digits: Any, fitted: SiameseEncoder) -> None:
    points = fitted.transform(digits.data[:9])
    assert (points.shape, points.dtype) == ((9, 6), np.float32)
    assert np.allclose(np.linalg.norm(points, axis=1), 1, atol=1e-5)
    assert fitted.get_feature_names_out()[0] == "siameseencoder0"
    assert fitted.distances(digits.data[:9]).shape == (9, 10)


@pytest.mark.slow
def test_pipelines_grid_search_and_folds_work(digits: Any) -> None:
    X, y = digits.data[:500], digits.target[:500].astype(str)
    chain = make_pipeline(StandardScaler(), SiameseEncoder(**QUICK), KNeighborsClassifier(3))
    assert chain.fit(X, y).score(X, y) > 0.8
    search = GridSearchCV(SiameseEncoder(**QUICK), {"n_components": [2, 8]}, cv=2).fit(X, y)
    assert search.best_params_["n_components"] == 8
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    scores = cross_val_score(SiameseEncoder(**QUICK), X, y, cv=folds, n_jobs=2)
    assert scores.shape == (3,) and scores.min() > 0.6


def test_classes_keep_what_they_are_called() -> None:
    numbers = np.random.default_rng(0)
    X = np.repeat(np.eye(3), 20, axis=0) * 5 + numbers.normal(size=(60, 3))
    y = np.repeat(["pear", "", "plum tree"], 20)
    encoder = SiameseEncoder(**{**QUICK, "max_iter": 80}).fit(X, y)
    assert set(encoder.predict(X)) == set(y)
    assert encoder.score(X, y) > 0.9


def test_colour_images_and_odd_shapes_are_learned() -> None:
    numbers = np.random.default_rng(0)
    y = np.arange(40) % 2
    for shape in ((9, 17, 3), (1, 5), (33, 2), (3, 3, 1)):
        X = numbers.integers(0, 100, (40, *shape)).astype(np.uint8)
        X[y == 1] += 100
        encoder = SiameseEncoder(**{**QUICK, "max_iter": 20}).fit(X, y)
        assert encoder.score(X, y) > 0.9, shape


def test_its_snapshot_can_be_saved_for_the_commands(fitted: SiameseEncoder, tmp_path: Path) -> None:
    weights = fitted.save(tmp_path / "mine")
    snapshot = open_snapshot(weights)
    assert snapshot.decodes
    assert list(snapshot.card.datasets[0].label_names.values()) == [str(k) for k in range(10)]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"n_components": 0}, "n_components is 0"),
        ({"n_components": True}, "n_components is True"),
        ({"hidden": 64}, "hidden is 64"),
        ({"hidden": (8, -1)}, "a size in hidden is -1"),
        ({"margin": 0}, "margin is 0"),
        ({"max_iter": 2.5}, "max_iter is 2.5"),
        ({"batch_size": 2}, "batch_size is 2"),
        ({"learning_rate": "fast"}, "learning_rate is 'fast'"),
        ({"weight_decay": -1.0}, "weight_decay is -1"),
    ],
)
def test_options_that_cannot_be_are_told(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        SiameseEncoder(**wrong).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize(
    ("X", "y", "told"),
    [
        (np.zeros((4, 3)), [1, 1, 1, 1], "1 class"),
        (np.zeros((4, 8, 8, 3, 1)), [0, 1, 0, 1], "of shape"),
        (np.zeros((4, 3, 8, 8)), [0, 1, 0, 1], "channels come last"),
        (np.array([[np.nan], [1.0]]), [0, 1], "NaN"),
        (np.zeros((0, 3)), [], "0 sample"),
        (np.zeros((3, 3)), [0, 1], "inconsistent numbers"),
    ],
)
def test_data_that_cannot_be_learned_from_are_told(X: Any, y: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        SiameseEncoder(**QUICK).fit(X, y)


def test_items_of_another_shape_are_refused(digits: Any, fitted: SiameseEncoder) -> None:
    with pytest.raises(ValueError, match="is expecting 64 features"):
        fitted.predict(digits.data[:, :9])
    images = SiameseEncoder(**{**QUICK, "max_iter": 2}).fit(digits.images, digits.target)
    with pytest.raises(ValueError, match=r"items of shape \(8, 7\)"):
        images.predict(digits.images[:, :, :7])
