import importlib.util
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.evaluate.pictures.draw_run import draw_run
from tests.data.renamed import write_renamed


@pytest.mark.slow
def test_a_siamese_run_shows_its_features(siamese_snapshot: Path) -> None:
    (path,) = draw_run(siamese_snapshot)
    assert path == siamese_snapshot.with_suffix(".png")
    with Image.open(path) as picture:
        assert picture.width > picture.height


def test_a_run_without_centroids_or_tests_shows_its_curves(classifier_snapshot: Path) -> None:
    (path,) = draw_run(classifier_snapshot)
    with Image.open(path) as picture:
        assert picture.width < 900


def test_without_matplotlib_it_says_what_to_install(
    siamese_snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "mycaffe_py.evaluate.pictures.run_picture.find_spec",
        lambda name: None if name == "matplotlib" else find(name),
    )
    with pytest.raises(MyCaffeError, match=r"pip install .*'.*\[plot\]'"):
        draw_run(siamese_snapshot)


def test_items_of_another_data_set_have_the_colours_of_their_names(
    siamese_snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    weights = tmp_path / "snapshots" / siamese_snapshot.name
    card = weights.with_name("small_iter_150.run.json")
    text = json.loads(card.read_text())
    source = write_renamed("TWO", {7: "7", 3: "three"})
    text["datasets"][-1]["source"] = source.name
    card.write_text(json.dumps(text))
    drawn = []

    def keep(path, title, curves, embedding):
        drawn.append(embedding)
        return path

    monkeypatch.setattr("mycaffe_py.evaluate.pictures.draw_run.draw", keep)
    draw_run(weights)
    (embedding,) = drawn
    assert set(embedding.labels.tolist()) == {7, 10}
    assert (embedding.names[7], embedding.names[10]) == ("7", "three")
