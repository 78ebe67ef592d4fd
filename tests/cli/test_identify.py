import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.source import open_source
from tests.conftest import Result

KEYS = {
    "file", "label", "distance", "unknown", "nearest", "enrolled", "distances", "threshold",
    "threshold_from", "enrolled_classes", "enrolments_from", "done", "snapshot",
}  # fmt: skip


def folder(snapshot, tmp_path):
    shutil.copytree(snapshot.parent, tmp_path / "snapshots")
    source = open_source("digits28.testing")
    pixels = source.gather(np.array([0]))[0, 0]
    Image.fromarray(pixels).save(tmp_path / "digit.png")
    bars = np.zeros((28, 28), np.uint8)
    bars[6:22, 6:22:4] = 255
    Image.fromarray(bars).save(tmp_path / "bars.png")
    return str(source.labels[0])


@pytest.fixture
def digit(siamese_snapshot, tmp_path):
    """The label of digit.png, beside the snapshot and a picture that is no digit."""
    return folder(siamese_snapshot, tmp_path)


def test_distances_are_those_of_test(mycaffe: Callable[..., Result], digit) -> None:
    known = json.loads(mycaffe("test", "digit.png", "--json").out)[0]
    found = json.loads(mycaffe("identify", "digit.png", "--json").out)[0]
    assert set(found) == KEYS
    assert found["distances"] == known["distance"]
    assert (found["label"], found["nearest"], found["unknown"]) == (digit, digit, False)
    assert found["distance"] == min(found["distances"].values())
    assert found["threshold"] is None and "nothing is unknown" in found["threshold_from"]


def test_an_enrolled_class_is_found_by_its_example(mycaffe: Callable[..., Result], digit) -> None:
    before = json.loads(mycaffe("identify", "bars.png", "--json").out)[0]
    mycaffe("enroll", "--label", "bars", "bars.png")
    found = json.loads(mycaffe("identify", "bars.png", "--json").out)[0]
    assert (found["label"], found["enrolled"], found["enrolled_classes"]) == (
        "bars",
        True,
        ["bars"],
    )
    assert found["distance"] == pytest.approx(0, abs=1e-6)
    rest = {name: value for name, value in found["distances"].items() if name != "bars"}
    assert rest == before["distances"]
    lines = mycaffe("identify", "bars.png").out.splitlines()
    assert lines[3] == "bars.png: bars"
    assert lines[5].split() == ["bars", "0.00000", "enrolled"]
    assert len(lines) == 5 + 11


def test_beyond_the_threshold_it_is_unknown(mycaffe: Callable[..., Result], digit) -> None:
    near = json.loads(mycaffe("identify", "digit.png", "--json").out)[0]["distance"]
    for limit, unknown in ((near * 1.01, False), (near * 0.99, True)):
        result = mycaffe("identify", "digit.png", "--threshold", f"{limit:.9f}", "--json")
        found = json.loads(result.out)[0]
        assert (found["unknown"], found["nearest"]) == (unknown, digit)
        assert found["label"] == ("unknown" if unknown else digit)
    text = mycaffe("identify", "digit.png", "--threshold", "0").out.splitlines()
    assert text[1] == "threshold 0, as given"
    assert text[3] == f"digit.png: unknown, {near:.5f} from {digit} is beyond 0.00000"


@pytest.mark.slow
def test_the_stored_threshold_counts_unless_one_is_given(
    mycaffe: Callable[..., Result], digit
) -> None:
    stored = json.loads(mycaffe("threshold", "--json").out)["threshold"]
    found = json.loads(mycaffe("identify", "digit.png", "--json").out)[0]
    assert found["threshold"] == stored
    assert "small_iter_150.threshold.json" in found["threshold_from"]
    given = json.loads(mycaffe("identify", "digit.png", "--json", "--threshold", "7").out)[0]
    assert given["threshold"] == 7


@pytest.fixture
def collapsed(mycaffe, digit, tmp_path):
    """The stored threshold says that trained classes are points; bars are enrolled, and seen again
    a little darker. The label of digit.png is returned."""
    assert mycaffe("threshold").code == 0
    assert mycaffe("enroll", "--label", "bars", "bars.png").code == 0
    with Image.open(tmp_path / "bars.png") as bars:
        bars.point(lambda value: value * 9 // 10).save(tmp_path / "darker.png")
    path = tmp_path / "snapshots/small_iter_150.threshold.json"
    stored = json.loads(path.read_text())
    assert stored["enrolled"]["floor"] >= stored["threshold"] and not stored["saturated"]
    stored["enrolled"]["floor"] = 0.1
    path.write_text(json.dumps(stored | {"threshold": 1.0915820212176186e-06, "saturated": True}))
    return digit


@pytest.mark.slow
def test_an_enrolled_class_is_known_beside_collapsed_ones(
    mycaffe: Callable[..., Result], collapsed
) -> None:
    """A threshold of trained classes says nothing of one that only examples tell of."""
    found = json.loads(mycaffe("identify", "darker.png", "digit.png", "--json").out)
    bars, trained = found
    assert (bars["label"], bars["enrolled"]) == ("bars", True)
    assert 1e-6 < bars["distance"] <= bars["threshold"]
    assert (trained["label"], trained["nearest"]) == ("unknown", collapsed)
    assert trained["threshold"] == pytest.approx(1.0915820212176186e-06)
    lines = mycaffe("identify", "darker.png").out.splitlines()
    assert lines[1].startswith("threshold 1.09e-06: ")
    assert lines[2].startswith("enrolled classes: 0.10000, or")
    assert lines[3].startswith("Warning: the features have saturated")
    assert lines[5] == "darker.png: bars"


@pytest.mark.slow
def test_a_threshold_that_is_given_counts_for_every_class(
    mycaffe: Callable[..., Result], collapsed
) -> None:
    found = json.loads(mycaffe("identify", "darker.png", "--threshold", "1e-6", "--json").out)[0]
    assert (found["label"], found["nearest"], found["threshold"]) == ("unknown", "bars", 1e-6)


@pytest.mark.slow
def test_a_threshold_of_an_earlier_version_says_what_it_lacks(
    mycaffe: Callable[..., Result], collapsed, tmp_path: Path
) -> None:
    path = tmp_path / "snapshots/small_iter_150.threshold.json"
    stored = json.loads(path.read_text())
    del stored["enrolled"], stored["saturated"]
    path.write_text(json.dumps(stored))
    said = mycaffe("identify", "darker.png").out
    assert "'mycaffe threshold' would give enrolled classes a limit of their own" in said
    assert "darker.png: unknown" in said and "is beyond 1.09e-06" in said


@pytest.mark.slow
def test_between_an_enrolled_and_a_trained_class_it_is_unknown(
    mycaffe: Callable[..., Result], collapsed, tmp_path: Path
) -> None:
    """Half bars, half digit: within the limit of bars, and hardly nearer to it."""
    path = tmp_path / "snapshots/small_iter_150.threshold.json"
    stored = json.loads(path.read_text())
    stored["enrolled"]["floor"] = 1e6
    path.write_text(json.dumps(stored))
    bars, digit = Image.open(tmp_path / "bars.png"), Image.open(tmp_path / "digit.png")
    for percent in range(1, 70):
        Image.blend(bars, digit, percent / 100).save(tmp_path / f"{percent}.png")
    names = [f"{percent}.png" for percent in range(1, 70)]
    found = json.loads(mycaffe("identify", *names, "--json").out)
    near = [one for one in found if one["nearest"] == "bars"]
    told = [one["label"] for one in near]
    assert set(told) == {"bars", "unknown"}
    for one in near:
        trained = min(value for name, value in one["distances"].items() if name != "bars")
        assert one["unknown"] == (one["distance"] > 0.5 * trained)
    between = near[told.index("unknown")]["file"]
    assert "from bars is hardly nearer than" in mycaffe("identify", between).out


@pytest.mark.slow
def test_a_classifier_measures_in_its_features(
    mycaffe: Callable[..., Result], classifier_snapshot: Path, tmp_path: Path
) -> None:
    digit = folder(classifier_snapshot, tmp_path)
    found = json.loads(mycaffe("identify", "digit.png", "--json").out)[0]
    assert found["label"] == digit and len(found["distances"]) == 10
    assert mycaffe("enroll", "--label", "bars", "bars.png").code == 0
    assert json.loads(mycaffe("identify", "bars.png", "--json").out)[0]["label"] == "bars"
    said = mycaffe("threshold").out
    assert "The net learned from digits28.training" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.png"], "'nothing.png' is not there"),
        (["digit.png", "--threshold", "-1"], "--threshold is -1"),
        (["digit.png", "--threshold", "nan"], "--threshold is nan"),
        ([], "the following arguments are required: FILE"),
    ],
)
def test_mistakes(mycaffe: Callable[..., Result], digit, arguments, message: str) -> None:
    result = mycaffe("identify", *arguments)
    assert result.code == 2
    assert message in result.err and result.err.count("\n") == 1
