import json
import shutil

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.source import open_source

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


def test_distances_are_those_of_test(mycaffe, digit):
    known = json.loads(mycaffe("test", "digit.png", "--json").out)[0]
    found = json.loads(mycaffe("identify", "digit.png", "--json").out)[0]
    assert set(found) == KEYS
    assert found["distances"] == known["distance"]
    assert (found["label"], found["nearest"], found["unknown"]) == (digit, digit, False)
    assert found["distance"] == min(found["distances"].values())
    assert found["threshold"] is None and "nothing is unknown" in found["threshold_from"]


def test_an_enrolled_class_is_found_by_its_example(mycaffe, digit):
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


def test_beyond_the_threshold_it_is_unknown(mycaffe, digit):
    near = json.loads(mycaffe("identify", "digit.png", "--json").out)[0]["distance"]
    for limit, unknown in ((near * 1.01, False), (near * 0.99, True)):
        result = mycaffe("identify", "digit.png", "--threshold", f"{limit:.9f}", "--json")
        found = json.loads(result.out)[0]
        assert (found["unknown"], found["nearest"]) == (unknown, digit)
        assert found["label"] == ("unknown" if unknown else digit)
    text = mycaffe("identify", "digit.png", "--threshold", "0").out.splitlines()
    assert text[1] == "threshold 0, as given"
    assert text[3] == f"digit.png: unknown, {near:.5f} from {digit} is beyond 0.00000"


def test_the_stored_threshold_counts_unless_one_is_given(mycaffe, digit):
    stored = json.loads(mycaffe("threshold", "--json").out)["threshold"]
    found = json.loads(mycaffe("identify", "digit.png", "--json").out)[0]
    assert found["threshold"] == stored
    assert "small_iter_150.threshold.json" in found["threshold_from"]
    given = json.loads(mycaffe("identify", "digit.png", "--json", "--threshold", "7").out)[0]
    assert given["threshold"] == 7


def test_a_classifier_measures_in_its_features(mycaffe, classifier_snapshot, tmp_path):
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
def test_mistakes(mycaffe, digit, arguments, message):
    result = mycaffe("identify", *arguments)
    assert result.code == 2
    assert message in result.err and result.err.count("\n") == 1
