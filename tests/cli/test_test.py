import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.source import open_source
from tests.conftest import Result


@pytest.fixture
def digit(tmp_path):
    """The first test digit as a picture, and its label."""
    source = open_source("digits28.testing")
    pixels = source.gather(np.array([0]))[0, 0]
    Image.fromarray(pixels).save(tmp_path / "digit.png")
    big = Image.fromarray(255 - pixels).resize((200, 200), Image.Resampling.BICUBIC)
    big.convert("RGB").save(tmp_path / "photo.jpg", quality=95)
    return int(source.labels[0])


def test_distances_to_every_centroid_smallest_first(
    mycaffe: Callable[..., Result], siamese_snapshot: Path, digit
) -> None:
    result = mycaffe("test", "digit.png", "--snapshot", str(siamese_snapshot))
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0] == str(siamese_snapshot)
    assert lines[2] == f"digit.png: {digit}"
    assert lines[3].split() == ["label", "distance"]
    values = [float(line.split()[1]) for line in lines[4:]]
    assert len(values) == 10
    assert values == sorted(values)


def test_black_on_white_and_larger_gives_the_same_answer(
    mycaffe: Callable[..., Result], siamese_snapshot: Path, digit
) -> None:
    result = mycaffe("test", "photo.jpg", "--snapshot", str(siamese_snapshot))
    assert f"photo.jpg: {digit} (dark on light, so inverted, brought from 200x200" in result.out


def test_for_machines(mycaffe: Callable[..., Result], siamese_snapshot: Path, digit) -> None:
    files = ("digit.png", "photo.jpg")
    result = mycaffe("test", *files, "--json", "--snapshot", str(siamese_snapshot))
    first, second = json.loads(result.out)
    assert (first["image"], second["image"]) == files
    assert first["label"] == second["label"] == str(digit)
    assert min(first["distance"], key=first["distance"].get) == str(digit)


def test_a_classifier_ranks_by_score(
    mycaffe: Callable[..., Result], classifier_snapshot: Path, digit
) -> None:
    result = mycaffe("test", "digit.png", "--json", "--snapshot", str(classifier_snapshot))
    scores = json.loads(result.out)[0]["score"]
    assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
    assert next(iter(scores)) == str(digit)


def test_what_is_no_picture(
    mycaffe: Callable[..., Result], siamese_snapshot: Path, tmp_path: Path
) -> None:
    (tmp_path / "x.png").write_bytes(b"oops")
    result = mycaffe("test", "x.png", "--snapshot", str(siamese_snapshot))
    assert result.code == 2
    assert result.err == (
        "mycaffe: error: 'x.png' cannot be read as a picture: no picture format known to Pillow.\n"
    )


@pytest.mark.slow
def test_a_net_without_a_transform_takes_pictures_as_they_are(
    mycaffe: Callable[..., Result], digit
) -> None:
    from tests.conftest import SMALL_SIAMESE, SMALL_SOLVER

    model = SMALL_SIAMESE.replace("transform_param { scale: 0.00390625 }", "")
    solver = SMALL_SOLVER.replace("NAME", "raw").replace("TESTS", "").replace("0.05", "1e-9")
    Path("raw.prototxt").write_text(model)
    Path("raw.solver").write_text(solver)
    assert mycaffe("train", "--solver", "raw.solver", "--iterations", "2").code == 0
    result = mycaffe("test", "digit.png")
    assert (result.code, result.err) == (0, "")
    assert "digit.png: " in result.out
