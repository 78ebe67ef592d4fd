import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mycaffe_py.installing import install_extra
from tests.conftest import Result
from tests.data.renamed import write_renamed


@pytest.fixture
def here(siamese_snapshot: Path, tmp_path: Path) -> Path:
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    return tmp_path / "snapshots"


@pytest.mark.slow
def test_for_people_with_a_picture(mycaffe: Callable[..., Result], here: Path) -> None:
    result = mycaffe("threshold", "--false-alarms", "0.05")
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0] == "snapshots/small_iter_150.caffemodel"
    assert lines[1].endswith("(squared distance to the nearest class)")
    assert lines[2].startswith("known items of digits28.testing called unknown: 5.00 % (18 of 360;")
    assert lines[-2] == "Stored for 'mycaffe identify': snapshots/small_iter_150.threshold.json"
    assert lines[-1] == "Picture: snapshots/small_iter_150.threshold.png"
    with Image.open(here / "small_iter_150.threshold.png") as picture:
        assert picture.format == "PNG"


@pytest.mark.slow
def test_the_rule_for_enrolled_classes_is_told_and_stored(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    said = mycaffe("threshold").out
    stored = json.loads((here / "small_iter_150.threshold.json").read_text())
    assert stored["enrolled"]["ratio"] == 0.5
    assert stored["enrolled"]["formula"].startswith("limit = max(floor, gap / 16, spread)")
    assert f"an enrolled class reaches {stored['enrolled']['floor']:.5f}, midway" in said
    assert "saturated" not in said


@pytest.mark.slow
def test_fewer_false_alarms_need_a_larger_threshold(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    rates = ("0.2", "0.05", "0")
    found = [json.loads(mycaffe("threshold", "--json", "--false-alarms", r).out) for r in rates]
    values = [one["threshold"] for one in found]
    assert values == sorted(values)
    caught = [one["caught"]["rate"] for one in found]
    assert caught == sorted(caught, reverse=True)
    for one, rate in zip(found, rates, strict=True):
        assert one["false_alarms"]["rate"] <= float(rate)
        assert one["false_alarms"]["n"] == sum(
            label["false_alarms"]["n"] for label in one["per_label"].values()
        )


@pytest.mark.slow
def test_another_source(mycaffe: Callable[..., Result], here: Path) -> None:
    found = json.loads(mycaffe("threshold", "--json", "--source", "digits28.training").out)
    assert (found["dataset"], found["trained_on"]) == ("digits28.training", True)


def test_without_matplotlib_the_threshold_is_found_all_the_same(
    mycaffe: Callable[..., Result], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "mycaffe_py.evaluate.pictures.run_picture.find_spec",
        lambda name: None if name == "matplotlib" else find(name),
    )
    result = mycaffe("threshold", "--json")
    assert result.code == 0 and json.loads(result.out)["picture"] is None
    assert install_extra("plot") in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--false-alarms", "1.5"], "--false-alarms is 1.5"),
        (["--source", "nothing.testing"], "there is no dataset 'nothing'"),
        (["--snapshot", "x.caffemodel"], "there is no snapshot 'x.caffemodel'"),
    ],
)
def test_mistakes(
    mycaffe: Callable[..., Result], here: Path, arguments: list[str], message: str
) -> None:
    result = mycaffe("threshold", *arguments)
    assert result.code == 2
    assert message in result.err
    assert not list(here.glob("*.threshold.*"))


@pytest.mark.slow
def test_foreign_items_are_named_apart(mycaffe: Callable[..., Result], here: Path) -> None:
    write_renamed("OTHER", {9: "nine"})
    result = mycaffe("threshold", "--unknown", "OTHER.training", "--json")
    assert result.code == 0, result.err
    stored = json.loads((here / "small_iter_150.threshold.json").read_text())
    found = stored["open_set"]
    assert found["known"] == 360 and found["foreign"] == stored["caught_never_trained"]["n"] > 0
    assert found["auroc"] == stored["roc_never_trained"]["auc"]
    measured = mycaffe("test-many", "--unknown", "OTHER.training", "--json")
    assert json.loads(measured.out)["open_set"] == pytest.approx(found)
    told = mycaffe("test-many", "--unknown", "OTHER.training").out
    assert f"area under the curve (AUROC) {found['auroc']:.4f}" in told
