from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.caffe_stores.record_feed import RecordFeed
from mycaffe_py.data.feed import feed_for
from mycaffe_py.data.prefetch import PrefetchFeed
from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from tests.data.stores import MAKERS, encoded_datum, make_lmdb, raw_datum, some_images

IMAGES, LABELS = some_images()
RAW = [raw_datum(image, int(label)) for image, label in zip(IMAGES, LABELS, strict=True)]


def _feed(folder, options="backend: LMDB", transform="", phase=pb.TRAIN, tops=2, seed=1, told=None):
    text = f"""layer {{
      name: "records" type: "Data" {'top: "x" ' * tops}
      transform_param {{ {transform} }}
      data_param {{ source: "{folder}" {"" if "batch_size" in options else "batch_size: 3"}
        {options} }} }}"""
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    heard = [] if told is None else told
    where = parsed.locations.under("layer", 0)
    return feed_for(parsed.message.layer[0], phase, seed, where, heard.append)


def _filled(feed, batch):
    tops = [np.full(shape, np.nan, np.float32) for shape in feed.shapes]
    feed.fill(batch, tops)
    assert all(np.isfinite(top).all() for top in tops)
    return tops


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("phase", [pb.TRAIN, pb.TEST])
def test_records_in_order_round_and_round(tmp_path: Path, kind, phase) -> None:
    feed = _feed(MAKERS[kind](tmp_path / "db", RAW), f"backend: {kind}", phase=phase)
    assert isinstance(feed, RecordFeed)
    assert feed.shapes == [(3, 2, 5, 4), (3,)]
    for batch in (0, 1, 2, 3, 1, 100, 0):
        data, labels = _filled(feed, batch)
        records = np.arange(3 * batch, 3 * batch + 3) % 7
        assert np.array_equal(data, IMAGES[records])
        assert np.array_equal(labels, LABELS[records])


def test_a_folder_needs_no_backend(tmp_path: Path) -> None:
    feed = _feed(make_lmdb(tmp_path / "db", RAW), "")
    assert np.array_equal(_filled(feed, 0)[0], IMAGES[:3])


def test_one_top(tmp_path: Path) -> None:
    feed = _feed(make_lmdb(tmp_path / "db", RAW), "label_type: NONE", tops=1)
    assert len(_filled(feed, 0)) == 1


def test_floats(tmp_path: Path) -> None:
    images = IMAGES.astype(np.float32) / 7
    values = [raw_datum(image, 0) for image in images]
    assert np.array_equal(_filled(_feed(make_lmdb(tmp_path / "db", values)), 0)[0], images[:3])


def test_transformed_as_the_image_database_is(tmp_path: Path) -> None:
    folder = make_lmdb(tmp_path / "db", RAW)
    transform = "scale: 0.5 mean_value: 9 crop_size: 4 mirror: true"
    feed = _feed(folder, transform=transform)
    wanted = np.empty((3, 1, 2, 4, 4), np.float32)
    feed.transform.apply(IMAGES, np.arange(3, 6), 1, wanted)
    assert np.array_equal(_filled(feed, 1)[0], wanted[:, 0])
    assert not np.array_equal(wanted[:, 0], (IMAGES[3:6, :, :4] - np.float32(9)) / 2)
    centre = _filled(_feed(folder, transform="crop_size: 3", phase=pb.TEST), 0)[0]
    assert np.array_equal(centre, IMAGES[:3, :, 1:4, 0:3])


def test_the_same_bits_ahead_and_after_a_restart(tmp_path: Path) -> None:
    folder = make_lmdb(tmp_path / "db", RAW)
    options = "rand_skip: 5"
    transform = "crop_size: 3 mirror: true"
    plain = _feed(folder, options, transform)
    wanted = [_filled(plain, batch) for batch in range(6)]
    with PrefetchFeed(_feed(folder, options, transform), 2) as ahead:
        for batch in (3, 4, 0, 1, 2, 5):
            for found, want in zip(_filled(ahead, batch), wanted[batch], strict=True):
                assert np.array_equal(found, want)


def test_rand_skip(tmp_path: Path) -> None:
    folder = make_lmdb(tmp_path / "db", RAW)
    firsts = {
        float(_filled(_feed(folder, "rand_skip: 4", seed=seed), 0)[1][0]) for seed in range(40)
    }
    assert firsts == {0, 3, 6, 9}


def test_one_picture_a_batch_may_have_any_size(tmp_path: Path) -> None:
    sizes = [(5, 4), (3, 6), (5, 4)]
    images = [some_images(1, (2, *size))[0][0] for size in sizes]
    folder = make_lmdb(tmp_path / "db", [raw_datum(image, 1) for image in images])
    feed = _feed(folder, "batch_size: 1", "mirror: true mean_value: 3 scale: 0.5")
    assert feed.varies
    assert not _feed(folder).varies
    assert not _feed(folder, "batch_size: 1", "crop_size: 2").varies
    for batch in (0, 1, 2, 3, 1):
        image = images[batch % 3]
        tops = [np.empty(shape, np.float32) for shape in feed.shapes_of(batch)]
        assert tops[0].shape == (1, *image.shape)
        feed.fill(batch, tops)
        wanted = (image - np.float32(3)) / 2
        assert any(np.array_equal(tops[0][0], flipped) for flipped in (wanted, wanted[:, :, ::-1]))


def _pictures():
    random = np.random.default_rng(4)
    sizes = [(6, 5), (8, 5), (5, 5), (9, 9)]
    return [random.integers(0, 256, (*size, 3)).astype(np.uint8) for size in sizes]


def test_encoded_pictures_of_many_sizes(tmp_path: Path) -> None:
    pictures = _pictures()
    values = [encoded_datum(picture, 1) for picture in pictures]
    feed = _feed(make_lmdb(tmp_path / "db", values), transform="crop_size: 5", phase=pb.TEST)
    assert feed.shapes[0] == (3, 3, 5, 5)
    data = np.concatenate([_filled(feed, 0)[0], _filled(feed, 1)[0]])
    for row, picture in zip(data, [*pictures, *pictures], strict=False):
        top, left = (np.array(picture.shape[:2]) - 5) // 2
        window = picture[top : top + 5, left : left + 5]
        assert np.array_equal(row, window.transpose(2, 0, 1)[::-1])


def test_forced_colors(tmp_path: Path) -> None:
    values = [encoded_datum(picture[:5, :5], 1) for picture in _pictures()]
    values[1] = encoded_datum(_pictures()[1][:5, :5, 0], 1)
    folder = make_lmdb(tmp_path / "db", values)
    assert _feed(folder, transform="force_gray: true").shapes[0] == (3, 1, 5, 5)
    colored = _feed(folder, transform="force_color: true color_order: RGB")
    assert np.array_equal(_filled(colored, 0)[0][0], _pictures()[0][:5, :5].transpose(2, 0, 1))
    with pytest.raises(
        UserError, match=r"record 1 of .*db has 1 channels; the first .*force_color"
    ):
        _filled(_feed(folder), 0)


def test_forced_colors_of_raw_pixels_are_told(tmp_path: Path) -> None:
    told = []
    feed = _feed(make_lmdb(tmp_path / "db", RAW), transform="force_gray: true", told=told)
    assert np.array_equal(_filled(feed, 0)[0], IMAGES[:3])
    assert len(told) == 1
    assert "'records': force_gray has no effect" in told[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("rand_skip: 8", r"net\.prototxt:5: rand_skip is 8; .*db has 7 records"),
        ("images_per_blob: 2", r"net\.prototxt:5: .*images_per_blob is 2; pairs.*dataset import"),
        ("enable_random_selection: true", "enable_random_selection needs the image database"),
        ("label_balancing: true", "label_balancing needs"),
        ("backend: LEVELDB", "holds a LMDB store"),
        ("display_timing: true", "display_timing is not supported"),
    ],
)
def test_mistakes(tmp_path: Path, options: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        _feed(make_lmdb(tmp_path / "db", RAW), options)


def test_folders_that_are_missing(tmp_path: Path) -> None:
    for name in (tmp_path / "none", "examples/mnist/train_lmdb", "v1.2/train_lmdb", "train_lmdb"):
        with pytest.raises(UserError, match=rf"net\.prototxt:4: there is no folder {name}"):
            _feed(name)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"\xff\xff", r"net\.prototxt:4: record 1 of .*db cannot be read: it is no Datum"),
        (pb.Datum(encoded=True, data=b"no").SerializeToString(), "no picture format"),
        (raw_datum(IMAGES[0][:, :4], 0), r"record 1 of .*db has 4x4 pixels"),
    ],
)
def test_records_that_are_wrong(tmp_path: Path, value, said: str) -> None:
    feed = _feed(make_lmdb(tmp_path / "db", [RAW[0], value, RAW[2]]))
    with pytest.raises(UserError, match=said):
        _filled(feed, 0)
