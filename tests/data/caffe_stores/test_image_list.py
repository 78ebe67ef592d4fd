from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.caffe_stores.image_list import image_list_feed, read_list
from mycaffe_py.data.pictures.bilinear import resize
from mycaffe_py.errors import UserError, Where
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text

RANDOM = np.random.default_rng(8)
PICTURES = [RANDOM.integers(0, 256, (6, 5, 3)).astype(np.uint8) for _ in range(7)]
BLUE_FIRST = np.array([picture.transpose(2, 0, 1)[::-1] for picture in PICTURES])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my pictures").mkdir()
    lines = []
    for number, picture in enumerate(PICTURES):
        Image.fromarray(picture).save(tmp_path / "my pictures" / f"{number}.png")
        lines.append(f"my pictures/{number}.png {number * 2}")
    (tmp_path / "list.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def _feed(options="", transform="", train=True, seed=1):
    text = f"""layer {{
      name: "pictures" type: "ImageData" top: "data" top: "label"
      transform_param {{ {transform} }}
      image_data_param {{ source: "list.txt"
        {options if "batch_size" in options else "batch_size: 3 " + options} }} }}"""
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    return image_list_feed(parsed.message.layer[0], train, seed, parsed.locations.under("layer", 0))


def _filled(feed, batch):
    tops = [np.full(shape, np.nan, np.float32) for shape in feed.shapes]
    feed.fill(batch, tops)
    assert all(np.isfinite(top).all() for top in tops)
    return tops


def test_in_the_order_of_the_list(folder: Path) -> None:
    feed = _feed()
    assert feed.shapes == [(3, 3, 6, 5), (3,)]
    assert feed.label_count == 13
    for batch in (0, 1, 2, 0, 9):
        data, labels = _filled(feed, batch)
        places = np.arange(3 * batch, 3 * batch + 3) % 7
        assert np.array_equal(data, BLUE_FIRST[places])
        assert np.array_equal(labels, places * 2)


def test_shuffled(folder: Path) -> None:
    feed = _feed("shuffle: true")
    rounds = np.concatenate([_filled(feed, batch)[1] for batch in range(7)]).reshape(3, 7)
    assert (np.sort(rounds, axis=1) == 2 * np.arange(7)).all()
    assert len({tuple(order) for order in rounds.tolist()}) == 3
    data, labels = _filled(_feed("shuffle: true"), 4)
    assert np.array_equal(data, BLUE_FIRST[labels.astype(int) // 2])
    assert np.array_equal(labels, rounds.ravel()[12:15])


def test_rand_skip_and_the_first_round(folder: Path) -> None:
    firsts = {int(_filled(_feed("rand_skip: 3", seed=seed), 0)[1][0]) for seed in range(30)}
    assert firsts == {0, 2, 4}


def test_size_colors_and_root(folder: Path) -> None:
    feed = _feed("new_height: 3 new_width: 8")
    wanted = [resize(image, 3, 8) for image in BLUE_FIRST[:3]]
    assert np.array_equal(_filled(feed, 0)[0], wanted)
    assert _feed("is_color: false").shapes[0] == (3, 1, 6, 5)
    red_first = _filled(_feed(transform="color_order: RGB"), 0)[0]
    assert np.array_equal(red_first, BLUE_FIRST[:3, ::-1])
    (folder / "list.txt").write_text("pictures/1.png 5\n")
    assert _filled(_feed('root_folder: "my "'), 0)[1].tolist() == [5, 5, 5]


def test_transformed(folder: Path) -> None:
    Image.fromarray(PICTURES[1][:5]).save("my pictures/1.png")
    feed = _feed(transform="crop_size: 4 mean_value: 100 scale: 0.5", train=False)
    data = _filled(feed, 0)[0]
    for row, top in ((0, 1), (1, 0), (2, 1)):
        window = BLUE_FIRST[row, :, top : top + 4, 0:4].astype(np.float32)
        assert np.array_equal(data[row], (window - 100) / 2)


MISTAKES = [
    ("batch_size: 0", r"net\.prototxt:5: .*batch_size is 0"),
    ("new_width: 4", r"new_height is 0 and new_width 4; both or none"),
    ("rand_skip: 8", r"rand_skip is 8; list\.txt lists 7 pictures"),
]


@pytest.mark.parametrize(("options", "said"), MISTAKES)
def test_mistakes_in_the_text(folder: Path, options, said) -> None:
    with pytest.raises(UserError, match=said):
        _feed(options)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("a.png", r"list\.txt:1: 'a.png' has no label; .*'cat.jpg 3'"),
        ("my pictures/0.png 1\n\nmy pictures/0.png cat", r"list\.txt:3: .* has no label"),
        ("my pictures/0.png 1.5", r"list\.txt:1: .* has no label"),
        ("", r"net\.prototxt:4: list file list\.txt is empty"),
        ("none.png 1", r"list\.txt:1: picture none\.png cannot be read: No such file"),
        ("list.txt 1", r"list\.txt:1: picture list\.txt cannot be read: no picture format"),
    ],
)
def test_mistakes_in_the_list(folder: Path, lines: str, said: str) -> None:
    (folder / "list.txt").write_text(lines)
    with pytest.raises(UserError, match=said):
        _feed()


def test_a_missing_list(folder: Path) -> None:
    (folder / "list.txt").unlink()
    with pytest.raises(UserError, match=r"net\.prototxt:4: list file list\.txt cannot be read"):
        _feed()


def test_pictures_of_several_sizes_need_a_size(folder: Path) -> None:
    Image.fromarray(PICTURES[1][:5]).save("my pictures/1.png")
    with pytest.raises(UserError, match=r"list\.txt:2: my pictures/1\.png has 5x5 pixels"):
        _filled(_feed(), 0)
    assert _filled(_feed("new_height: 6 new_width: 5"), 0)


def test_lines(tmp_path: Path) -> None:
    path = tmp_path / "l"
    path.write_text("a b.png\t-2\r\n  c.png   +7  \n")
    found = read_list(path, "root", Where("x"))
    assert [(str(line.path), line.label) for line in found] == [
        ("roota b.png", -2),
        ("rootc.png", 7),
    ]
    assert [line.where.line for line in found] == [1, 2]


def test_labels_below_zero_count_nothing(folder: Path) -> None:
    (folder / "list.txt").write_text("my pictures/0.png -1\nmy pictures/0.png 3\n")
    assert _feed().label_count == 0


@pytest.mark.parametrize("label", ["1e20", "100000000000000000000", "16777217", "-16777217", "inf"])
def test_a_label_no_net_can_hold_is_named(tmp_path: Path, label: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"a.png 1\nb.png {label}\n")
    with pytest.raises(
        UserError, match=rf"list\.txt:2: label '{label}' is too large; .*16,777,216"
    ):
        read_list(path, "", Where("net"))


def test_a_zero_byte_in_a_line_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"a.png 1\npi\0c.png 2\n")
    with pytest.raises(UserError, match=r"list\.txt:2: 'pi\\x00c\.png' is no file name"):
        read_list(path, "", Where("net.prototxt"))


def test_a_list_whose_name_holds_a_zero_byte_is_not_there() -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read_list(Path("a\0b"), "", Where("net.prototxt"))


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_label_of_many_digits_is_told_shortly(tmp_path: Path, digits: int) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"a.png {'9' * digits}\n")
    with pytest.raises(UserError, match="is too large") as told:
        read_list(path, "", Where("net.prototxt"))
    assert len(str(told.value)) < 400
