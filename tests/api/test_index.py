from pathlib import Path

import numpy as np
import pytest

from mycaffe_py import TrainedNet, load
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from tests.retrieve.index.digits import make_index, write_digits


def test_a_data_set_brings_its_labels(net: TrainedNet) -> None:
    index = net.index("digits28.testing")
    source = open_source("digits28.testing")
    found = index.find(source.images[:40, 0], k=3)
    assert len(index) == len(source)
    assert found.rows[:, 0].tolist() == list(range(40))
    assert not found.distances[:, 0].any()
    assert found.labels[:, 0].tolist() == source.labels[:40].astype(str).tolist()
    assert found.paths[7, 0] == "digits28.testing:7"
    assert (np.diff(found.distances, axis=1) >= 0).all()


def test_it_finds_by_distances_of_encodings(net: TrainedNet) -> None:
    images = open_source("digits28.testing").images[:60, 0]
    found = net.index(images, labels=range(60)).find("four.png", k=60)
    own = net.distance("four.png", images)
    np.testing.assert_allclose(found.distances[0], np.sort(own), rtol=1e-12)
    assert found.labels[0, 0] == str(int(own.argmin()))


def test_a_folder_of_classes(net: TrainedNet, here: Path) -> None:
    for name in ("four", "seven"):
        (here / "pictures" / name).mkdir(parents=True)
        (here / f"{name}.png").rename(here / "pictures" / name / "a.png")
    found = net.index("pictures").find("pictures/seven/a.png", k=5)
    assert found.labels.tolist() == [["seven", "four"]]
    assert found.paths[0, 0] == "pictures/seven/a.png"


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (["four.png"], ["a", "b"], "2 labels for 1 items"),
        ("digits28.tests", None, "digits28"),
        (["four.png"], "4", "labels are '4'"),
        (["four.png"], 4, "labels are 4"),
        ("lost.png", None, "'lost.png' is not there"),
        ("snapshots", None, "has no folders"),
        ([], None, "an empty list"),
    ],
)
def test_what_cannot_be_indexed(net: TrainedNet, images, labels, message: str) -> None:
    with pytest.raises(UserError, match=message):
        net.index(images, labels)


def test_no_neighbours(net: TrainedNet) -> None:
    with pytest.raises(UserError, match="0 neighbours"):
        net.index("four.png").find("four.png", k=0)
    with pytest.raises(UserError, match="'3' neighbours"):
        net.index("four.png").find("four.png", k="3")  # type: ignore[arg-type]


@pytest.mark.slow
def test_an_index_that_the_command_has_made(
    net: TrainedNet, here: Path, classifier_snapshot: Path
) -> None:
    folder = write_digits(here / "digits")
    make_index(net.weights, folder, name="mine")
    index, own = net.open_index("mine"), net.index(str(folder))
    assert len(index) == 12 and np.array_equal(index.vectors, own.vectors)
    images = open_source("digits28.testing").images[:20, 0]
    ours, theirs = own.find(images, k=5), index.find(images, k=5)
    assert np.array_equal(ours.rows, theirs.rows)
    assert np.array_equal(ours.distances, theirs.distances)
    assert np.array_equal(ours.labels, theirs.labels)
    assert theirs.paths[0, 0].endswith(".png")
    with pytest.raises(UserError, match="is another net"):
        load(classifier_snapshot).open_index("mine")
    with pytest.raises(UserError, match="yours"):
        net.open_index("yours")
