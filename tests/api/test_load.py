from pathlib import Path

import pytest

from mycaffe_py import BlobNet, TrainedNet, load
from mycaffe_py.errors import UserError

SNAPSHOT = "snapshots/small_iter_150.caffemodel"


@pytest.mark.parametrize("what", [SNAPSHOT, "snapshots", Path(), None])
def test_a_snapshot_by_its_file_its_folder_or_this_folder(here: Path, what) -> None:
    net = load(what)
    assert isinstance(net, TrainedNet)
    assert net.weights.resolve() == (here / SNAPSHOT).resolve()


def test_a_text_with_weights_is_a_net_of_blobs(here: Path) -> None:
    assert isinstance(load(model="deploy.prototxt", weights=SNAPSHOT), BlobNet)


def test_pictures_read_in_another_way(here: Path) -> None:
    usual, inverted = load("snapshots"), load("snapshots", invert=True)
    assert (usual.encode("four.png") != inverted.encode("four.png")).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"snapshot": "lost.caffemodel"}, "there is no file or folder 'lost.caffemodel'"),
        ({"snapshot": 3}, "snapshot is 3; a path"),
        ({"snapshot": "four.png"}, "no file of a snapshot but a picture"),
        ({"snapshot": "empty"}, "there is no .*caffemodel below"),
        ({"best": True}, "kept no best snapshot"),
        ({"fit": "strech"}, "fit is 'strech'.*stretch"),
        ({"value_range": (3, 1)}, "low < high"),
        ({"value_range": 3}, "low < high"),
        ({"model": "deploy.prototxt"}, "a model alone"),
        ({"weights": SNAPSHOT}, "weights alone"),
        ({"model": "deploy.prototxt", "weights": SNAPSHOT, "best": True}, "do not go with model"),
        ({"model": "lost.prototxt", "weights": SNAPSHOT}, "lost.prototxt"),
        ({"model": "deploy.prototxt", "weights": "lost.caffemodel"}, "lost.caffemodel"),
        ({"model": "deploy.prototxt", "weights": "four.png"}, "four.png"),
    ],
)
def test_what_cannot_be_loaded(here: Path, options, message: str) -> None:
    (here / "empty").mkdir()
    with pytest.raises(UserError, match=message):
        load(**options)


def test_weights_without_a_run_card_say_how_to_load_them(here: Path) -> None:
    (here / "alone.caffemodel").write_bytes(Path(SNAPSHOT).read_bytes())
    with pytest.raises(UserError, match=r"load\(model="):
        load("alone.caffemodel")
