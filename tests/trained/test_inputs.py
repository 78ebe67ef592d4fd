from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.counters.scaling import fitted
from mycaffe_py.errors import UserError
from mycaffe_py.trained.inputs import input_like, read_input, scaled_anew, stacked
from mycaffe_py.trained.snapshot import open_snapshot


def values(seed):
    return np.random.default_rng(seed).gamma(2, 100 * seed, (5, 3, 2)).round()


def like(scaling):
    made = make_source("LINK.x", np.zeros((1, 1, 3, 2), np.float32), np.zeros(1, int))
    return replace(made, counters=scaling.to_json())


@pytest.fixture
def scaling():
    return fitted(values(1), ("drops", "latency"), ("", "ms"), 1.0, "time")


def sheet(path, rows):
    lines = ["time,latency,drops"] + [f"{i},{row[1]},{row[0]}" for i, row in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_window_is_scaled_as_the_net_learned_it(tmp_path: Path, scaling) -> None:
    window = values(2)[0]
    found = read_input(sheet(tmp_path / "w.csv", window), like(scaling))
    assert found.array.shape == (1, 3, 2) and found.done == ()
    np.testing.assert_allclose(found.array, scaling.scaled(window[np.newaxis])[0], rtol=1e-6)


def test_a_value_that_is_none(tmp_path: Path, scaling) -> None:
    path = sheet(tmp_path / "w.csv", values(2)[0])
    lines = path.read_text().splitlines()
    lines[2] = "1,nan,3"
    path.write_text("\n".join(lines))
    with pytest.raises(UserError, match=r"w\.csv:3: column 'latency' has no number"):
        read_input(path, like(scaling))


def test_pictures_and_their_size(siamese_snapshot: Path, tmp_path: Path) -> None:
    pictures = input_like(open_snapshot(siamese_snapshot))
    assert pictures.shape == (1, 28, 28)
    big = np.zeros((100, 80), np.uint8)
    big[20:80, 30:40] = 255
    Image.fromarray(big).save(tmp_path / "one.png")
    found = read_input(tmp_path / "one.png", pictures)
    assert found.array.shape == (1, 28, 28)
    assert found.done == ("brought from 80x100 to 28x28",)


def test_stored_windows_follow_a_new_scaling(scaling) -> None:
    new = fitted(values(3), scaling.names, scaling.units, 1.0, "time")
    window = values(2)[:1]
    found = scaled_anew(scaling.scaled(window)[0], scaling.to_json(), like(new))
    np.testing.assert_allclose(found, new.scaled(window)[0], rtol=1e-4, atol=1e-5)
    same = scaling.scaled(window)[0]
    assert scaled_anew(same, scaling.to_json(), like(scaling)) is same


def test_stored_windows_of_other_counters(scaling) -> None:
    other = replace(scaling, names=("drops", "jitter"))
    with pytest.raises(UserError, match=r"drops, latency.*the net takes.*drops, jitter"):
        scaled_anew(np.zeros((1, 3, 2), np.float32), scaling.to_json(), like(other))
    with pytest.raises(UserError, match="enrolled pictures are for a net of pictures"):
        scaled_anew(np.zeros((1, 3, 2), np.uint8), "", like(scaling))


def test_stacked() -> None:
    assert stacked([np.zeros((1, 3, 2), np.uint8)] * 4).shape == (4, 1, 3, 2)
