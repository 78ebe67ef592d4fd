import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import Result


@pytest.fixture
def here(siamese_snapshot: Path, tmp_path: Path) -> Path:
    """A folder with the trained snapshot below it."""
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    return tmp_path


@pytest.mark.slow
def test_newest_snapshot_and_the_items_of_its_test_net(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    result = mycaffe("retrieval", "--items", "90", "--sheet", "worst.png")
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0] == "snapshots/small_iter_150.caffemodel"
    assert lines[1].startswith("90 queries of digits28.testing, drawn by chance, each against 89 ")
    assert lines[-1] == "20 worst queries drawn in worst.png"
    with Image.open(here / "worst.png") as picture:
        assert picture.format == "PNG"


@pytest.mark.slow
def test_test_many_tells_the_same_marks(mycaffe: Callable[..., Result], here: Path) -> None:
    alone = json.loads(mycaffe("retrieval", "--json", "--items", "90").out)
    both = json.loads(mycaffe("test-many", "--retrieval", "--json", "--items", "90").out)
    assert both["retrieval"] == alone
    assert both["n"] == 90
    text = mycaffe("test-many", "--retrieval", "--items", "90").out
    assert "recognised" in text and "MAP@R" in text


@pytest.mark.slow
def test_a_gallery_and_cosines(mycaffe: Callable[..., Result], here: Path) -> None:
    given = ("--gallery", "digits28.training", "--cosine", "--items", "40", "--json")
    found = json.loads(mycaffe("retrieval", *given).out)
    assert (found["gallery"], found["metric"], found["n"]) == ("digits28.training", "cosine", 40)
    assert not found["among_themselves"]


@pytest.mark.slow
def test_classes_never_learned(mycaffe: Callable[..., Result], here: Path, tmp_path: Path) -> None:
    for shape, box in {"ring": (4, 4, 20, 20), "bar": (12, 2, 16, 26)}.items():
        folder = tmp_path / "shapes" / shape
        folder.mkdir(parents=True)
        for number in range(6):
            picture = Image.new("L", (28, 28))
            picture.paste(255, tuple(side + number % 3 for side in box))
            picture.save(folder / f"{number}.png")
    created = mycaffe("dataset", "create", "images", "shapes", "--name", "SHAPES", "--gray")
    assert created.code == 0, created.err
    split = "SHAPES.training"
    found = json.loads(mycaffe("retrieval", "--queries", split, "--json").out)
    assert (found["n"], sorted(found["unlearned"])) == (12, ["bar", "ring"])
    many = mycaffe("test-many", "--retrieval", "--source", split)
    assert many.code == 0, many.err
    assert many.out.startswith("SHAPES.training has no class that the net has learned.")
    assert "MAP@R" in many.out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--queries", "NOWHERE.testing"), "NOWHERE"),
        (("--gallery", "digits28"), "digits28"),
        (("--items", "0"), "0 items are asked for"),
        (("--snapshot", "nothing.caffemodel"), "there is no snapshot"),
        (("--items", "20", "--sheet", "snapshots"), "snapshots"),
    ],
)
def test_bad_input_is_one_clear_error(
    mycaffe: Callable[..., Result], here: Path, given: tuple[str, ...], told: str
) -> None:
    result = mycaffe("retrieval", *given)
    assert result.code not in (0, None)
    assert told in result.err
    assert "Traceback" not in result.err


@pytest.mark.slow
def test_a_threshold_for_a_false_accept_rate(mycaffe: Callable[..., Result], here: Path) -> None:
    result = mycaffe("threshold", "--far", "0.01")
    assert result.code == 0, result.err
    assert "unlike pairs (an item and a class that is not its own) accepted: " in result.out
    assert "TAR at FAR 1 %: " in result.out
    found = json.loads(mycaffe("threshold", "--far", "0.01", "--json").out)
    assert found["false_accepts"]["rate"] <= 0.01
    assert found["two_items"]["tar_at_far"][0]["far_reached"] <= 0.01
    kept = json.loads((here / "snapshots" / "small_iter_150.threshold.json").read_text())
    assert kept["threshold"] == found["threshold"]


def test_the_help_of_threshold_tells_both_rates_apart(mycaffe: Callable[..., Result]) -> None:
    told = " ".join(mycaffe("threshold", "--help").out.split())
    assert "--false-alarms counts known items" in told
    assert "--far (false accept rate) counts unlike pairs" in told


def test_both_rates_at_once_are_refused(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("threshold", "--far", "0.01", "--false-alarms", "0.1")
    assert result.code == 2
    assert "not allowed with" in result.err
