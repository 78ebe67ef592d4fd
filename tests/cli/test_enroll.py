import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import Result

SNAPSHOT = "snapshots/small_iter_150.caffemodel"


@pytest.fixture
def here(siamese_snapshot: Path, tmp_path: Path) -> Path:
    """A folder with the trained snapshot below it, and pictures of things that are no digits."""
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    for name, number in (("cross", 1), ("cross2", 2), ("bars", 3)):
        pixels = np.zeros((28, 28), np.uint8)
        pixels[4:24, 4:24] = 60 * number * (np.eye(20) + np.eye(20)[::-1]).clip(0, 1)
        if name == "bars":
            pixels[6:22, 6:22:4] = 255
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    return tmp_path


@pytest.mark.slow
def test_add_list_and_remove(mycaffe: Callable[..., Result], here: Path) -> None:
    result = mycaffe("enroll", "--label", "a cross", "cross.png")
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0] == SNAPSHOT
    assert lines[3] == "a cross          1  cross.png"
    assert lines[5].startswith("nearest to 'a cross' is ")
    assert lines[6] == "stored in snapshots/small_iter_150.enrolled.json"
    more = mycaffe("enroll", "--label", "a cross", "cross.png", "cross2.png", "--json")
    found = json.loads(more.out)
    assert found["already"] == ["cross.png"]
    (one,) = found["enrolled"]
    assert (one["label"], one["examples"]) == ("a cross", 2)
    assert one["files"] == ["cross.png", "cross2.png"] and len(one["centroid"]) == 8
    assert "a cross          2  cross.png, cross2.png" in mycaffe("enroll", "--list").out
    assert "nothing is enrolled" in mycaffe("enroll", "--remove", "a cross").out
    assert json.loads(mycaffe("enroll", "--list", "--json").out)["enrolled"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--label", "x"], "there is nothing to enroll"),
        (["cross.png", "--list"], "'cross.png' without --label"),
        (["cross.png"], "one of the arguments --label --list --remove --from is required"),
        (["--label", "x", "--list"], "not allowed with argument"),
        (["--label", "3", "cross.png"], "'3' is a class the net was trained on"),
        (["--label", "unknown", "cross.png"], "--label is 'unknown'"),
        (["--label", "x", "nothing.png"], "'nothing.png' is not there"),
        (["--label", "x", "empty.png"], "'empty.png' is an empty file"),
        (["--label", "x", "flat.png"], "'flat.png' is empty: every pixel"),
        (["--label", "x", "table.csv"], "'table.csv' is a sheet of counters; this net takes"),
        (["--remove", "y"], "no class 'y' is enrolled for small_iter_150.caffemodel"),
        (["--from", "snapshots/small_iter_99.caffemodel"], "nothing is enrolled for"),
    ],
)
def test_mistakes(
    mycaffe: Callable[..., Result], here: Path, arguments: list[str], message: str
) -> None:
    (here / "empty.png").touch()
    (here / "table.csv").write_text("time,packets\n0,1\n")
    Image.new("L", (28, 28)).save(here / "flat.png")
    result = mycaffe("enroll", *arguments)
    assert result.code == 2
    assert message in result.err and result.err.count("\n") == 1
    assert not list((here / "snapshots").glob("*.enrolled.*"))


def test_one_bad_file_of_several_changes_nothing(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    mycaffe("enroll", "--label", "cross", "cross.png")
    before = (here / "snapshots/small_iter_150.enrolled.json").read_bytes()
    assert mycaffe("enroll", "--label", "bars", "bars.png", "nothing.png").code == 2
    assert mycaffe("enroll", "--remove", "cross", "--remove", "bars").code == 2
    assert (here / "snapshots/small_iter_150.enrolled.json").read_bytes() == before


@pytest.mark.slow
def test_a_resumed_run_takes_them_over(mycaffe: Callable[..., Result], here: Path) -> None:
    mycaffe("enroll", "--label", "cross", "cross.png")
    assert mycaffe("resume", "--iterations", "170").code == 0
    result = mycaffe("enroll", "--list")
    assert result.out.splitlines()[:2] == [
        "snapshots/small_iter_170.caffemodel",
        "enrollments taken over from small_iter_150.caffemodel: 1 stored input embedded anew",
    ]
    carried = json.loads(mycaffe("enroll", "--list", "--json").out)["enrolled"]
    (here / "cross.png").rename(here / "again.png")
    mycaffe("enroll", "--remove", "cross")
    fresh = json.loads(mycaffe("enroll", "--label", "cross", "again.png", "--json").out)
    np.testing.assert_allclose(
        carried[0]["centroid"], fresh["enrolled"][0]["centroid"], rtol=1e-5, atol=1e-6
    )
    old = json.loads(mycaffe("enroll", "--list", "--json", "--snapshot", SNAPSHOT).out)
    assert old["enrolled"][0]["centroid"] != fresh["enrolled"][0]["centroid"]
    assert old["note"] == ""


def test_from_another_snapshot(mycaffe: Callable[..., Result], here: Path) -> None:
    mycaffe("enroll", "--label", "cross", "cross.png")
    for path in list((here / "snapshots").glob("small_iter_150.[cr]*")):
        shutil.copy(path, here / "snapshots" / path.name.replace("small", "other"))
    other = "snapshots/other_iter_150.caffemodel"
    assert "nothing is enrolled" in mycaffe("enroll", "--list", "--snapshot", other).out
    mycaffe("enroll", "--label", "bars", "bars.png", "--snapshot", other)
    both = mycaffe("enroll", "--from", SNAPSHOT, "--snapshot", other, "--json")
    assert [one["label"] for one in json.loads(both.out)["enrolled"]] == ["bars", "cross"]
    (here / "snapshots/small_iter_150.enrolled.npz").unlink()
    result = mycaffe("enroll", "--from", SNAPSHOT, "--snapshot", other)
    assert result.code == 2
    assert "lacks 1 enrolled input, such as cross.png" in result.err


def test_changed_weights_of_the_same_name(mycaffe: Callable[..., Result], here: Path) -> None:
    mycaffe("enroll", "--label", "cross", "cross.png")
    (path,) = (here / "snapshots").glob("*.enrolled.json")
    path.write_text(path.read_text().replace('"net": "', '"net": "0'))
    assert (
        "small_iter_150.caffemodel has changed: 1 stored input " in mycaffe("enroll", "--list").out
    )
    with np.load(here / "snapshots/small_iter_150.enrolled.npz") as stored:
        arrays = {key: stored[key][:, :14] for key in stored.files}
    np.savez(here / "snapshots/small_iter_150.enrolled.npz", **arrays)
    result = mycaffe("enroll", "--list")
    assert "have shape (1, 14, 28); small_iter_150.caffemodel takes (1, 28, 28)" in result.err


def test_force_adds_to_a_trained_class(mycaffe: Callable[..., Result], here: Path) -> None:
    assert mycaffe("enroll", "--label", "3", "cross.png", "--force").code == 0
    found = json.loads(mycaffe("identify", "cross.png", "--json").out)[0]
    assert (found["label"], found["enrolled"]) == ("3", True)
    assert found["distance"] == pytest.approx(0, abs=1e-6) and len(found["distances"]) == 10


def test_two_that_add_at_the_same_time_lose_nothing(here: Path) -> None:
    """Both have opened the snapshot before either has written."""
    from mycaffe_py.evaluate.enrollment.enroll import Enroller
    from mycaffe_py.trained.snapshot import open_snapshot

    snapshot = open_snapshot(here / "snapshots/small_iter_150.caffemodel")
    first, second, third = (Enroller(snapshot) for _ in range(3))
    first.add("cross", [here / "cross.png"], False)
    second.add("bars", [here / "bars.png"], False)
    assert Enroller(snapshot).listed().enrollments.labels == ["cross", "bars"]
    assert third.remove(["cross"]).enrollments.labels == ["bars"]
    assert not list((here / "snapshots").glob(".*"))
