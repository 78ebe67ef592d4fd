import importlib.util

import pytest
from PIL import Image

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.evaluate.draw_run import draw_run


def test_a_siamese_run_shows_its_features(siamese_snapshot):
    (path,) = draw_run(siamese_snapshot)
    assert path == siamese_snapshot.with_suffix(".png")
    with Image.open(path) as picture:
        assert picture.width > picture.height


def test_a_run_without_centroids_or_tests_shows_its_curves(classifier_snapshot):
    (path,) = draw_run(classifier_snapshot)
    with Image.open(path) as picture:
        assert picture.width < 900


def test_without_matplotlib_it_says_what_to_install(siamese_snapshot, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "mycaffe_py.evaluate.pictures.find_spec",
        lambda name: None if name == "matplotlib" else find(name),
    )
    with pytest.raises(MyCaffeError, match=r"pip install 'mycaffe-py\[plot\]'"):
        draw_run(siamese_snapshot)
